/** An account whose every request fails, beside one that works: the load, and its effect on the second one. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** The working account and the attacking one. */
const accounts = { good: 'foofoofoo:foobarfoo', bad: 'bbbbbbbb:secretbbb' } as const;

const basic = (account: keyof typeof accounts) => ({ Authorization: `Basic ${btoa(accounts[account])}` });

/** The legacy service's response time in milliseconds; the gateway's own share is small beside it. */
const latencyMs = 50;

const bigSid = '200000000';
const bigLength = 200_000_000;

/** A WAV header and silence. */
export function toWav(length: number): Buffer {
  const wav = Buffer.alloc(length);
  wav.write('RIFF\0\0\0\0WAVEfmt \x10\0\0\0', 'latin1');
  wav.writeUInt32LE(length - 8, 4);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(8000, 24);
  wav.writeUInt32LE(16_000, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(length - 44, 40);
  return wav;
}

const chunk = toWav(64 * 1024);
const record =
  '<recording><sid>1</sid><dnis>8005551212</dnis><number_connected>3125551212</number_connected><minutes>1</minutes><date>2024-01-01 12:00:00</date></recording>';
const envelope = (result: string, text: string) =>
  `<?xml version="1.0"?><response><result>${result}</result><result_description>${text}</result_description></response>`;

export interface RunningLegacy {
  readonly url: string;
  close(): Promise<void>;
}

/** A legacy service that works for one account and fails for the other: with a 500, a reset, or without a response. */
export async function startIsolationLegacy(): Promise<RunningLegacy> {
  const server = createServer(async (request, response) => {
    const form = await readForm(request);
    await new Promise((resolve) => setTimeout(resolve, latencyMs));
    respond(form, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/ibp_api.php`,
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const [, query = ''] = (request.url ?? '').split('?');
  let body = '';
  for await (const piece of request.setEncoding('utf8')) body += piece;
  return new URLSearchParams(body || query);
}

function respond(form: URLSearchParams, response: ServerResponse): void {
  const isBad = form.get('access_key') !== accounts.good.split(':')[0];
  const what = form.get('sid') ?? form.get('id') ?? '';
  response.setHeader('Content-Type', 'text/xml');
  if (form.get('action') === 'recording.upload' || what === '3') return;
  if (what === '9999999999999999') response.writeHead(404).end(envelope('failed', 'File not found'));
  else if (what === '500') response.writeHead(500).end(envelope('failed', 'Broken'));
  else if (isBad && what === '4') response.socket?.resetAndDestroy();
  else if (what === bigSid) sendBig(response);
  else if (form.get('action') === 'recording.download') response.end(chunk);
  else response.end(`<response><result>success</result><data>${record.repeat(20)}</data></response>`);
}

function sendBig(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'audio/wav', 'Content-Length': bigLength });
  let left = bigLength;
  const write = () => {
    while (left > 0 && !response.destroyed) {
      const piece = chunk.subarray(0, left);
      left -= piece.length;
      if (!response.write(piece)) return void response.once('drain', write);
    }
    response.end();
  };
  write();
}

interface AttackOptions {
  /** The gateway's origin. */
  readonly url: string;
  readonly readers: number;
  /** Between two requests of each of the attack's 48 clients. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
}

/** Errors, timeouts, resets, uploads that never end, and readers of one link that do not read; until the signal. */
async function attack({ url, readers, pauseMs, signal }: AttackOptions): Promise<void> {
  const get = (path: string) => async () => {
    await fetch(url + path, { headers: basic('bad'), signal }).then((response) => response.arrayBuffer());
  };
  const upload = async () => {
    await fetch(`${url}/uploads`, {
      method: 'POST',
      headers: { ...basic('bad'), 'Content-Type': 'application/json' },
      body: JSON.stringify({ type: 'findme', id: 1, path: 'http://127.0.0.1:9/x.wav' }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(100)]),
    });
  };
  const works = [
    get('/recordings?type=findme&id=500'),
    get('/recordings?type=findme&id=3'),
    get('/recordings?type=findme&id=4'),
    get('/recordings/500/audio'),
    get('/recordings/3/audio'),
    upload,
  ];
  const loops = works.flatMap((work) => Array.from({ length: 8 }, () => loop(work, pauseMs, signal)));
  loops.push(holdLink({ url, readers, signal }));
  await Promise.all(loops);
}

/** Readers of one link that do not read; until the signal. */
async function holdLink({ url, readers, signal }: Omit<AttackOptions, 'pauseMs'>): Promise<void> {
  const link = new URL(await createLink(url));
  await Promise.all(Array.from({ length: readers }, () => hold(link, signal)));
}

/** For the attacking account's big recording; strangers have no other access. */
async function createLink(url: string): Promise<string> {
  const response = await fetch(`${url}/recordings/${bigSid}/audio-links`, {
    method: 'POST',
    headers: basic('bad'),
  });
  const { url: link } = (await response.json()) as { url: string };
  const { pathname, search } = new URL(link, url);
  return new URL(pathname + search, url).href;
}

async function loop(work: () => Promise<unknown>, pauseMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await work().catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Requests and does not read; repeats after a disconnect. */
function hold(link: URL, signal: AbortSignal): Promise<void> {
  return loop(
    async () => {
      const socket: Socket = connect(Number(link.port), link.hostname);
      socket.on('error', () => {});
      socket.pause();
      socket.write(`GET ${link.pathname}${link.search} HTTP/1.1\r\nHost: ${link.host}\r\n\r\n`);
      signal.addEventListener('abort', () => socket.destroy(), { once: true });
      await once(socket, 'close').catch(() => {});
    },
    1000,
    signal,
  );
}

interface Measured {
  readonly requests: number;
  /** From 0 to 1. */
  readonly successRate: number;
  readonly medianMs: number;
  readonly statuses: Readonly<Record<string, number>>;
}

/** Lists and audio of the working account, read to their end, four per second. */
async function measure(url: string, seconds: number): Promise<Measured> {
  const paths = ['/recordings?type=findme&id=1', '/recordings/1/audio'];
  const requests: Promise<{ status: string; ms: number }>[] = [];
  for (let count = 0; count < seconds * 4; count++) {
    requests.push(ask(url + paths[count % paths.length]));
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  const results = await Promise.all(requests);
  const times = results.map(({ ms }) => ms).sort((a, b) => a - b);
  const good = results.filter(({ status }) => status === '200').length;
  const statuses: Record<string, number> = {};
  for (const { status } of results) statuses[status] = (statuses[status] ?? 0) + 1;
  return {
    requests: results.length,
    successRate: good / results.length,
    medianMs: Math.round(times[Math.floor(times.length / 2)] ?? Number.NaN),
    statuses,
  };
}

/** With the median of the fastest of four parts: other processes on a busy machine slow some of them down, and an attack all. */
async function measureInParts(url: string, seconds: number): Promise<Measured> {
  const parts: Measured[] = [];
  while (parts.length < 4) parts.push(await measure(url, seconds / 4));
  const requests = parts.reduce((sum, part) => sum + part.requests, 0);
  const good = parts.reduce((sum, part) => sum + part.successRate * part.requests, 0);
  const statuses: Record<string, number> = {};
  for (const [status, count] of parts.flatMap((part) => Object.entries(part.statuses)))
    statuses[status] = (statuses[status] ?? 0) + count;
  const medianMs = Math.min(...parts.map((part) => part.medianMs));
  return { requests, successRate: good / requests, medianMs, statuses };
}

async function ask(url: string): Promise<{ status: string; ms: number }> {
  const started = performance.now();
  try {
    const response = await fetch(url, { headers: basic('good'), signal: AbortSignal.timeout(30_000) });
    await response.arrayBuffer();
    return { status: String(response.status), ms: performance.now() - started };
  } catch {
    return { status: 'broken', ms: performance.now() - started };
  }
}

export interface Isolation {
  readonly quiet: Measured;
  readonly attacked: Measured;
}

/** The working account, first alone and then beside the attack. */
export async function measureIsolation(
  url: string,
  { seconds, pauseMs }: { readonly seconds: number; readonly pauseMs: number },
): Promise<Isolation> {
  await measure(url, 1);
  const quiet = await measure(url, 5);
  const over = new AbortController();
  const attacking = attack({ url, readers: 200, pauseMs, signal: over.signal });
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const attacked = await measureInParts(url, seconds);
  over.abort();
  await attacking;
  return { quiet, attacked };
}
