/** The emulator on a real socket: how a client sees each fault, how it sends, and that it releases connections. */
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fetch } from 'undici';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { ActionName } from '../emulator/actions/actions.ts';
import { crc32 } from '../emulator/crc32.ts';
import { createEmulator } from '../emulator/emulator.ts';
import { evidence } from '../emulator/evidence.ts';
import { type FaultName, faultNames, faults } from '../emulator/faults.ts';
import { observe } from '../emulator/observe.ts';
import { accountKeys, sids } from '../emulator/seeds.ts';
import { serveEmulator } from '../emulator/server.ts';
import { untilStill } from '../support/stillness.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** In use, in bytes: garbage grows with the speed of the machine. */
function memory(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const emulator = createEmulator();
const server = await serveEmulator(emulator);
const agent = new Agent({ keepAlive: true });
const keys = { access_key: 'foofoofoo', secret_access_key: 'foobarfoo' };

beforeEach(() => emulator.reset());
afterAll(async () => {
  agent.destroy();
  await server.close();
});

const parameters: Readonly<Record<ActionName, Readonly<Record<string, string>>>> = {
  'recording.download': { sid: sids.playable },
  'recording.list': { type: 'findme', id: '1234' },
  'recording.remove': { sid: sids.playable },
  'recording.upload': { type: 'findme', id: '1', path: '/path/to/audio.wav' },
};

const urlOf = (action: ActionName, fields = parameters[action]) =>
  `${server.url}?${new URLSearchParams({ ...keys, action, ...fields })}`;

/** Through Node's own client, which neither decodes nor follows redirects. */
function get(url: string, signal: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { agent, signal }, (incoming) => {
      incoming.once('error', () => {});
      const headers = new Headers(
        Object.entries(incoming.headersDistinct).map(([name, values]) => [name, String(values)]),
      );
      const status = incoming.statusCode ?? 0;
      const body = Readable.toWeb(incoming) as ReadableStream<Uint8Array<ArrayBuffer>>;
      resolve(new Response(status === 204 ? null : body, { status, headers }));
      if (status === 204) incoming.resume();
    });
    outgoing.once('error', reject).end();
  });
}

describe.each(faultNames)('%s', (name) => {
  test.each(faults[name].actions.map((action) => [action]))('shows in %s', async (action) => {
    const right = new Uint8Array(await (await emulator.fetch(new Request(urlOf(action)))).arrayBuffer());
    emulator.fault({ name, times: 1, delayMs: 40 });
    const seen = await observe((signal) => get(urlOf(action), signal));
    const { status, end, bytes, headers } = seen;
    const summary = {
      status,
      end,
      length: bytes.length,
      right: right.length,
      headers: Object.fromEntries(headers),
    };
    expect(evidence[name]({ ...seen, right, socket: true }), JSON.stringify(summary)).toBe(true);
    await emulator.idle();
    expect((await observe((signal) => get(urlOf(action), signal))).bytes).toEqual(right);
  });
});

describe('a broken connection', () => {
  /** The end of the connection in TCP's terms. */
  function ending(name: FaultName): Promise<string> {
    emulator.fault({ name, times: 1 });
    const { port, pathname, search } = new URL(urlOf('recording.download'));
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    socket.resume();
    return new Promise((resolve) => {
      socket.once('end', () => resolve('end'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    });
  }

  test.each([
    ['reset-before-answer', 'ECONNRESET'],
    ['reset-after-work', 'ECONNRESET'],
    ['reset-midway', 'ECONNRESET'],
    ['close-before-answer', 'end'],
    ['close-midway', 'end'],
    ['cut-audio-with-length', 'end'],
    ['cut-audio-without-length', 'end'],
    ['truncated-headers', 'end'],
    ['http-1.0', 'end'],
  ] as const)('%s arrives as %s', async (name, expected) => {
    expect(await ending(name)).toBe(expected);
  });
});

describe('an upload by URL', () => {
  const upload = () =>
    fetch(urlOf('recording.upload', { type: 'survey', id: '9', path: urlOf('recording.download') })).then(
      (response) => response.status,
    );

  test('is fetched over HTTP', async () => {
    expect(await upload()).toBe(200);
    const { bytes } = emulator.account('page').uploads[0]?.content ?? {};
    expect(bytes).toEqual(emulator.account('page').audio(sids.playable, 'wav', 8000).slice());
  });

  test.each([
    'cut-audio-with-length',
    'cut-audio-without-length',
    'html-page',
    'server-error',
    'reset-before-answer',
  ] as const)('is rejected if its fetch ends in %s', async (name) => {
    emulator.fault({ name, action: 'recording.download' });
    expect(await upload()).toBe(400);
    expect(emulator.account('page').uploads).toEqual([]);
  });

  test('that is long is compared by its checksum and not stored', async () => {
    const { account } = emulator;
    const path = urlOf('recording.download', { sid: sids.hour });
    expect((await fetch(urlOf('recording.upload', { type: 'survey', id: '9', path }))).status).toBe(200);
    const whole = account('page').audio(sids.hour, 'wav', 8000).slice();
    expect(account('page').uploads[0]?.content).toEqual({
      format: 'wav',
      length: whole.length,
      crc32: crc32(whole),
      bytes: null,
    });
  });
});

describe('gzip', () => {
  test.each([
    ['gzip', 'gzip', 'gzip'],
    ['gzip', 'identity', null],
    ['gzip-unasked', 'identity', 'gzip'],
  ] as const)('%s to a caller that accepts %s is sent as %s', async (name, accepted, sent) => {
    emulator.fault({ name });
    const response = await fetch(urlOf('recording.list'), { headers: { 'accept-encoding': accepted } });
    expect(response.headers.get('content-encoding')).toBe(sent);
    expect(await response.text()).toMatch(/^<response>[\s\S]*<\/response>$/);
  });
});

describe('sending', () => {
  test.each(['GET', 'POST'])('%s reaches every account', async (method) => {
    for (const { accessKey, secretAccessKey } of accountKeys) {
      const form = new URLSearchParams({
        access_key: accessKey,
        secret_access_key: secretAccessKey,
        action: 'recording.list',
        type: 'findme',
        id: '1234',
      });
      const response = await (method === 'GET'
        ? fetch(`${server.url}?${form}`)
        : fetch(server.url, { method, body: form }));
      expect([response.status, (await response.text()).length]).toEqual([200, 466]);
    }
  });

  test('a client that stops reading pauses the emulator', async () => {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.pause();
    const { pathname, search } = new URL(urlOf('recording.list', { type: 'powerdialer', id: '1000000' }));
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    const sent = await untilStill(() => emulator.calls.at(-1)?.bytesSent ?? 0);
    expect(sent).toBeLessThan(20_000_000);
    socket.destroy();
    await emulator.idle();
    expect(emulator.calls.at(-1)?.state).toBe('aborted');
  });

  test.each([
    'stall-midway',
    'stall-before-answer',
    'slow-trickle',
    'endless-list',
    'slow-first-byte',
  ] as const)('a client that disconnects during %s ends its call at once', async (name) => {
    emulator.fault({ name, delayMs: 60_000 });
    const controller = new AbortController();
    const response = get(urlOf('recording.list'), controller.signal);
    response.then((answer) => answer.body?.cancel()).catch(() => {});
    await expect.poll(() => emulator.calls.length).toBe(1);
    controller.abort();
    await emulator.idle();
    expect(emulator.calls.at(-1)?.state).toBe('aborted');
  });

  test('a HEAD gets headers only, and leaves nothing open', async () => {
    const response = await fetch(urlOf('recording.download'), { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '64044']);
    await emulator.idle();
  });

  test('a million recordings and an hour of audio grow the process by less than 64 MB each', async () => {
    for (const [action, fields, expected] of [
      ['recording.list', { type: 'powerdialer', id: '1000000' }, 181_635_104],
      ['recording.download', { sid: sids.hour }, 57_600_044],
    ] as const) {
      const before = memory();
      let [length, peak, measuredAt] = [0, 0, 0];
      const [incoming] = await once(httpRequest(urlOf(action, fields)).end(), 'response');
      for await (const chunk of incoming) {
        length += chunk.length;
        if (length - measuredAt < expected / 10) continue;
        measuredAt = length;
        peak = Math.max(peak, memory());
      }
      expect(length).toBe(expected);
      expect(peak - before).toBeLessThan(64 * 1024 * 1024);
    }
  });

  test('closing ends open connections at once', async () => {
    const other = await serveEmulator(emulator);
    emulator.fault({ name: 'stall-midway' });
    const response = fetch(other.url.concat('?', urlOf('recording.list').split('?')[1] ?? ''));
    const body = response.then((answer) => answer.text()).catch(() => 'broken');
    await expect.poll(() => other.openSockets()).toBe(1);
    // Would wait forever for a body that stalls.
    await other.close();
    expect(await body).toBe('broken');
  });
});
