/**
 * Readers over real sockets: one below the least rate loses its stream and its slot, one above it keeps both. The clock
 * is the test's, so that a busy machine does not make a reader slow.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createMetrics } from '../../src/node/metrics.ts';
import { readNext } from '../../src/node/streams.ts';
import { basic, startGateway, type TestGateway } from '../support/harness.ts';
import { toWav } from '../support/isolation.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const minBytesPerSecond = 500_000;
/** Far below the least rate: the buffers of the system pass on what a client reads in lumps of up to megabytes. */
const slowBytes = 50_000;
const fastBytes = 750_000;

const chunk = toWav(64 * 1024);
const record =
  '<recording><sid>1</sid><dnis>8005551212</dnis><number_connected>3125551212</number_connected><minutes>1</minutes><date>2024-01-01 12:00:00</date></recording>';

/** The page's account has a recording and a list that do not end while a test runs; the others have short ones. */
async function legacy(request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const form = new URLSearchParams(await request.text());
  const value = (name: string) => form.get(name) ?? searchParams.get(name);
  if (value('access_key') !== 'foofoofoo')
    return new Response(Uint8Array.from(chunk), audioHeaders(chunk.length));
  if (value('action') === 'recording.download') {
    return new Response(endless(chunk, chunk), audioHeaders(4_000_000_000));
  }
  const head = '<?xml version="1.0"?><response><result>success</result><data>';
  const records = Buffer.from(record.repeat(400));
  return new Response(endless(Buffer.from(head), records), { headers: { 'Content-Type': 'text/xml' } });
}

const audioHeaders = (length: number) => ({
  headers: { 'Content-Type': 'audio/wav', 'Content-Length': String(length) },
});

/** Pieces that the gateway has taken of bodies that do not end. */
let sentPieces = 0;

/**
 * The buffers between the legacy service and a client that does not read take megabytes, which would count as read: a
 * test's seconds pass faster than they fill.
 */
async function untilBuffersAreFull(): Promise<void> {
  for (let before = -1; before !== sentPieces; ) {
    before = sentPieces;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Sends no faster than the gateway reads. */
function endless(first: Uint8Array, next: Uint8Array): ReadableStream<Uint8Array> {
  let piece = first;
  return new ReadableStream({
    pull(controller) {
      sentPieces += 1;
      controller.enqueue(Uint8Array.from(piece));
      piece = next;
    },
  });
}

async function start(): Promise<TestGateway> {
  const gateway = await startGateway({
    env: {
      MIN_CLIENT_BYTES_PER_SECOND: String(minBytesPerSecond),
      LEGACY_MAX_STREAMS: '1',
      LEGACY_METHOD: 'POST',
    },
    legacy,
  });
  // Verified keys: requests with unverified ones wait for the first verdict.
  await (await askForOther(gateway, '/recordings/2/audio')).arrayBuffer();
  return gateway;
}

const askForOther = (gateway: TestGateway, path: string) =>
  gateway.fetch(path, { headers: basic(gateway.emulator, 'north') });

interface Reader {
  readonly socket: Socket;
  /** Reads `bytes` in each of so many seconds, or until the gateway disconnects; returns the seconds. */
  read(bytes: number, seconds: number): Promise<number>;
}

async function openReader(gateway: TestGateway, path: string, header = ''): Promise<Reader> {
  const socket = connect(Number(new URL(gateway.origin).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  const { Authorization } = basic(gateway.emulator);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: ${Authorization}\r\n${header}\r\n`);
  const [head = ''] = String(await readNext(socket)).split('\r\n');
  expect(head).toMatch(/^HTTP\/1.1 20[06] /);
  await untilBuffersAreFull();
  let isClosed = false;
  socket.once('close', () => {
    isClosed = true;
  });
  async function readSome(bytes: number): Promise<void> {
    for (let left = bytes; left > 0 && !isClosed; ) {
      // No more than that: a socket's whole buffer would be many times what a slow client reads.
      const chunk: Uint8Array | null = socket.read(Math.min(left, socket.readableLength));
      left -= chunk?.length ?? 0;
      if (!chunk) await Promise.race(['readable', 'close'].map((event) => once(socket, event)));
    }
  }
  return {
    socket,
    async read(bytes, seconds) {
      for (let second = 0; second < seconds; second++) {
        if (isClosed) return second;
        await readSome(bytes);
        vi.advanceTimersByTime(1000);
        await new Promise(setImmediate);
      }
      return seconds;
    },
  };
}

/**
 * Another account's request, which waits for the reader's slot. The queue has one place, so that of two requests the
 * rejected one shows that the other waits.
 */
async function wait(gateway: TestGateway): Promise<{ readonly response: Promise<Response> }> {
  const both = [askForOther(gateway, '/recordings/2/audio'), askForOther(gateway, '/recordings/3/audio')];
  const rejected = await Promise.race(both.map(async (each, index) => ({ index, response: await each })));
  expect(rejected.response.status).toBe(503);
  return { response: both[1 - rejected.index] as Promise<Response> };
}

describe.each([
  ['audio', '/recordings/1/audio', ''],
  ['a range of audio', '/recordings/1/audio', 'Range: bytes=1000-\r\n'],
  ['an export of a list', '/recordings?type=findme&id=1', 'Accept: application/x-ndjson\r\n'],
])('a reader of %s', (_name, path, header) => {
  test('is disconnected below the least rate, and its slot serves another account', async () => {
    const gateway = await start();
    const reader = await openReader(gateway, path, header);
    const waiting = await wait(gateway);
    const seconds = await reader.read(slowBytes, 600);
    expect(seconds).toBeGreaterThanOrEqual(10);
    expect(seconds).toBeLessThan(600);
    const response = await waiting.response;
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBe(chunk.length);
    await expect.poll(() => gateway.log).toHaveLength(4);
    expect(gateway.log.map((event) => event.stream_error).toSorted()).toEqual([
      'client-closed-request',
      null,
      null,
      null,
    ]);
    expect(await scrape(gateway.log)).toContain(
      'gateway_stream_errors_total{problem="client-closed-request"} 1',
    );
  });

  test('keeps its stream above the least rate, while another account waits', async () => {
    const gateway = await start();
    const reader = await openReader(gateway, path, header);
    const waiting = await wait(gateway);
    let isServed = false;
    const served = waiting.response.then(({ status }) => {
      isServed = true;
      return status;
    });
    expect(await reader.read(fastBytes, 30)).toBe(30);
    expect(isServed).toBe(false);
    reader.socket.destroy();
    expect(await served).toBe(200);
  });
});

test('a reader that pauses keeps its stream for two minutes while no call waits', async () => {
  const gateway = await start();
  const reader = await openReader(gateway, '/recordings/1/audio');
  expect(await reader.read(0, 100)).toBe(100);
  await reader.read(0, 60);
  await expect.poll(() => gateway.log.at(1)).toMatchObject({ stream_error: 'client-closed-request' });
});

/** The metrics of these events. */
async function scrape(log: TestGateway['log']): Promise<string[]> {
  const { server, observe } = createMetrics({ version: '1.2.3', commit: 'abc1234' });
  log.forEach(observe);
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
  return (await response.text()).split('\n');
}
