/** The vendor gets exactly the bytes that were sent, and rejected uploads leave nothing behind. */
import { afterEach, describe, expect, test } from 'vitest';
import { createAudio } from '../emulator/audio.ts';
import { crc32 } from '../emulator/crc32.ts';
import { isWorkerd } from '../support/runtime.ts';
import { wrapStore } from '../support/test-store.ts';
import {
  clearStore,
  startUploadGateway,
  stored,
  timeoutsUnder,
  type UploadInit,
  uploadCalls,
} from '../support/upload-gateway.ts';
import { playedWavs, refusedWavs, wavOf } from '../support/wav-files.ts';

afterEach(clearStore);

const wav = createAudio('wav', { seed: 'upload', rate: 8000, seconds: 1 });
const mp3 = createAudio('mp3', { seed: 'upload', rate: 8000, seconds: 1 });
/** Longer than two parts of 5 MiB. */
const long = createAudio('wav', { seed: 'long', rate: 44_100, seconds: 130 });

/** Without a length, in pieces as networks split them. */
function chunked(chunks: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  const left = chunks[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { done, value } = left.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

const declare = (bytes: Uint8Array): UploadInit['headers'] => ({ 'Content-Length': String(bytes.length) });

describe.each(['declared', 'chunked'] as const)('with its length %s', (how) => {
  test.each([
    { name: 'a WAV', file: wav, mediaType: 'audio/wav' },
    { name: 'a WAV by another name', file: wav, mediaType: 'Audio/X-WAV; codecs=1' },
    { name: 'an MP3', file: mp3, mediaType: 'audio/mpeg' },
    { name: 'an MP3 by another name', file: mp3, mediaType: 'audio/mp3' },
    { name: 'a WAV of three parts', file: long, mediaType: 'audio/wave' },
  ])('$name arrives complete', async ({ file, mediaType }) => {
    const gateway = await startUploadGateway();
    const bytes = file.slice();
    const headers = { 'Content-Type': mediaType, ...(how === 'declared' && declare(bytes)) };
    const body = how === 'declared' ? bytes : chunked(pieces(bytes, 65_521));
    const response = await gateway.upload(body, { headers });
    expect(await response.json()).toEqual({
      type: 'findme',
      id: 1234,
      content_type: file.contentType,
      content_length: bytes.length,
    });
    expect(response.status).toBe(201);
    const [upload] = gateway.emulator.account('page').uploads;
    expect(upload).toMatchObject({ type: 'findme', id: '1234' });
    expect(upload?.content).toMatchObject({ length: bytes.length, crc32: crc32(bytes) });
    expect(uploadCalls(gateway)).toHaveLength(1);
  });
});

test('a type that needs no id is uploaded without one', async () => {
  const gateway = await startUploadGateway();
  const response = await gateway.upload(wav.slice(), { query: 'type=holdmusic' });
  expect(await response.json()).toMatchObject({ type: 'holdmusic', content_length: wav.length });
  expect(uploadCalls(gateway)[0]?.parameters).not.toHaveProperty('id');
});

describe.each(['declared', 'chunked'] as const)('real files with their length %s', (how) => {
  test.each(playedWavs)('$name arrives unchanged', async ({ bytes }) => {
    const gateway = await startUploadGateway();
    const body = how === 'declared' ? bytes : chunked(pieces(bytes, 999));
    const response = await gateway.upload(body, how === 'declared' ? { headers: declare(bytes) } : {});
    expect(await response.json()).toEqual({
      type: 'findme',
      id: 1234,
      content_type: 'audio/wav',
      content_length: bytes.length,
    });
    expect(response.status).toBe(201);
    const [upload] = gateway.emulator.account('page').uploads;
    expect(upload?.content).toMatchObject({ length: bytes.length, crc32: crc32(bytes) });
  });

  test('a WAV whose header promises much more is accepted with a warning in the 201', async () => {
    const gateway = await startUploadGateway();
    const bytes = wavOf().slice(0, 16_044);
    const body = how === 'declared' ? bytes : chunked([bytes]);
    const response = await gateway.upload(body, how === 'declared' ? { headers: declare(bytes) } : {});
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({
      content_length: 16_044,
      warnings: [
        {
          code: 'audio-shorter-than-header',
          detail: 'The header promises 32000 bytes of audio; 16000 arrived.',
        },
      ],
    });
  });
});

test.each([
  ['application/octet-stream', wav],
  ['', wav],
  ['application/octet-stream', mp3],
  ['', mp3],
  ['audio/x-mp3', mp3],
  ['audio/x-pn-wav', wav],
])('under the media type %j the bytes decide', async (type, file) => {
  const gateway = await startUploadGateway();
  const response = await gateway.upload(file.slice(), { headers: { 'Content-Type': type } });
  expect(response.status).toBe(201);
  expect(await response.json()).toMatchObject({ content_type: file.contentType });
});

test('a page of another site cannot send a body without a type with remembered keys', async () => {
  const gateway = await startUploadGateway();
  const response = await gateway.upload(wav.slice(), {
    headers: { 'Content-Type': '', 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' },
  });
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ type: '/problems/cross-site-form' });
  expect(uploadCalls(gateway)).toHaveLength(0);
});

const text = new TextEncoder().encode('Hello, this is no audio at all, but it is long enough.');
const limit = { MAX_UPLOAD_BYTES: String(wav.length) };
const over = Uint8Array.from([...wav.slice(), 0]);

interface Row {
  readonly name: string;
  /** No client can send it over HTTP and receive the response, so sockets only show what it leaves behind. */
  readonly isMalformed?: boolean;
  readonly body?: () => BodyInit | null;
  readonly query?: string;
  readonly headers?: UploadInit['headers'];
  readonly env?: Record<string, string>;
  readonly status: number;
  readonly problem: string;
}

const bad: Row[] = [
  { name: 'no body', body: () => null, status: 400, problem: 'invalid-audio' },
  {
    name: 'an empty body',
    body: () => '',
    headers: { 'Content-Length': '0' },
    status: 400,
    problem: 'invalid-audio',
  },
  { name: 'an empty chunked body', body: () => chunked([]), status: 400, problem: 'invalid-audio' },
  { name: 'text', body: () => text, headers: declare(text), status: 400, problem: 'invalid-audio' },
  { name: 'chunked text', body: () => chunked([text]), status: 400, problem: 'invalid-audio' },
  { name: 'an MP3 declared as a WAV', body: () => mp3.slice(), status: 400, problem: 'invalid-audio' },
  {
    name: 'a WAV declared as an MP3',
    body: () => wav.slice(),
    headers: { 'Content-Type': 'audio/mpeg' },
    status: 400,
    problem: 'invalid-audio',
  },
  { name: 'eleven bytes', body: () => wav.slice(0, 11), status: 400, problem: 'invalid-audio' },
  {
    name: 'a body shorter than declared',
    isMalformed: true,
    body: () => wav.slice(0, 1000),
    headers: declare(wav.slice()),
    status: 400,
    problem: 'incomplete-body',
  },
  {
    name: 'a long body shorter than declared',
    isMalformed: true,
    body: () => chunked(pieces(long.slice(0, 7_000_000), 1e6)),
    headers: declare(long.slice()),
    status: 400,
    problem: 'incomplete-body',
  },
  // Over a socket, the bytes after the declared length are another request.
  ...(isWorkerd
    ? [
        {
          name: 'a body longer than declared',
          body: () => chunked([wav.slice(), new Uint8Array(10)]),
          headers: declare(wav.slice()),
          status: 400,
          problem: 'incomplete-body',
        },
      ]
    : []),
  {
    name: 'a declared length over the limit',
    body: () => over,
    headers: declare(over),
    env: limit,
    status: 413,
    problem: 'content-too-large',
  },
  {
    name: 'a declared length of too many digits',
    isMalformed: true,
    headers: { 'Content-Length': '9'.repeat(40) },
    status: 413,
    problem: 'content-too-large',
  },
  {
    name: 'a chunked body over the limit',
    body: () => chunked(pieces(over, 1000)),
    env: limit,
    status: 413,
    problem: 'content-too-large',
  },
  {
    name: 'a chunked body over the limit in its third part',
    body: () => chunked(pieces(long.slice(), 1e6)),
    env: { MAX_UPLOAD_BYTES: '11000000' },
    status: 413,
    problem: 'content-too-large',
  },
  ...refusedWavs.map(
    ({ name, bytes }): Row => ({
      name: `a WAV with ${name}`,
      body: () => bytes,
      status: 400,
      problem: 'invalid-audio',
    }),
  ),
  ...['', 'application/octet-stream'].map(
    (type): Row => ({
      name: `text under the media type ${JSON.stringify(type)}`,
      body: () => text,
      headers: { 'Content-Type': type },
      status: 400,
      problem: 'invalid-audio',
    }),
  ),
  {
    name: 'a WAV cut in its header whose declared length is longer',
    isMalformed: true,
    body: () => wav.slice(0, 40),
    headers: declare(wav.slice()),
    status: 400,
    problem: 'incomplete-body',
  },
  ...['text/plain', 'audio/ogg', 'audio/wavx', 'multipart/mixed; boundary=x'].map(
    (type): Row => ({
      name: `the media type ${JSON.stringify(type)}`,
      body: () => wav.slice(),
      headers: { 'Content-Type': type },
      status: 415,
      problem: 'unsupported-media-type',
    }),
  ),
  {
    name: 'a content coding',
    body: () => wav.slice(),
    headers: { 'Content-Encoding': 'gzip' },
    status: 415,
    problem: 'unsupported-media-type',
  },
  ...[
    'id=1',
    'type=nonsense&id=1',
    'type=findme',
    'type=findme&id=x',
    'type=vmail',
    'type=findme&id=1&path=/a',
  ].map((query): Row => ({ name: `?${query}`, query, status: 400, problem: 'invalid-request' })),
];

test.each(bad)('$name → $problem, nothing staged, no upload call', async (row) => {
  const gateway = await startUploadGateway({ ...(row.env && { env: row.env }) });
  const body = row.body ? row.body() : wav.slice();
  const sending = gateway.upload(body, {
    ...(row.query !== undefined && { query: row.query }),
    ...(row.headers && { headers: row.headers }),
  });
  if (row.isMalformed && !isWorkerd) {
    await expect(sending).rejects.toThrow();
  } else {
    const response = await sending;
    expect(await response.json()).toMatchObject({
      type: `/problems/${row.problem}`,
      instance: '/uploads/audio',
    });
    expect(response.status).toBe(row.status);
  }
  expect(uploadCalls(gateway)).toHaveLength(0);
  // A client of malformed HTTP is cut off before the gateway has removed what it staged.
  await expect.poll(() => stored('')).toEqual([]);
});

test('a file exactly at the limit is accepted, declared and chunked', async () => {
  const gateway = await startUploadGateway({ env: limit });
  for (const body of [wav.slice(), chunked(pieces(wav.slice(), 1000))]) {
    const headers = body instanceof Uint8Array ? declare(body) : {};
    expect((await gateway.upload(body, { headers: { ...headers } })).status).toBe(201);
  }
});

test.each([
  { fault: 'failed-without-status', status: 400, isLeft: false },
  { fault: 'rate-limited', status: 429, isLeft: false },
  { fault: 'server-error', status: 502, isLeft: true },
  { fault: 'html-page', status: 502, isLeft: true },
  { fault: 'reset-after-work', status: 502, isLeft: true },
  { fault: 'reset-before-answer', status: 502, isLeft: true },
  { fault: 'stall-before-answer', status: 504, isLeft: true },
] as const)(
  'after $fault of the legacy service the bytes remain: $isLeft',
  async ({ fault, status, isLeft }) => {
    const gateway = await startUploadGateway(timeoutsUnder(fault));
    gateway.emulator.fault({ name: fault, action: 'recording.upload' });
    const response = await gateway.upload(wav.slice());
    expect(response.status).toBe(status);
    expect(await stored()).toHaveLength(isLeft ? 1 : 0);
  },
);

test('wrong keys leave no object', async () => {
  const gateway = await startUploadGateway();
  const response = await gateway.upload(wav.slice(), {
    headers: { Authorization: `Basic ${btoa('foo:bar')}` },
  });
  expect(response.status).toBe(401);
  expect(await stored()).toEqual([]);
});

describe.each(['declared', 'chunked'] as const)('with its length %s', (how) => {
  test.each([1000, 6_000_000])('a client that disconnects after %i bytes leaves no object', async (sent) => {
    const gateway = await startUploadGateway();
    const left = pieces(long.slice(0, sent), 1e6);
    const body = new ReadableStream({
      pull(controller) {
        const { done, value } = left.next();
        if (done) controller.error(new Error('connection lost'));
        else controller.enqueue(value);
      },
    });
    const sending = gateway.upload(body, {
      ...(how === 'declared' && { headers: declare(long.slice()) }),
    });
    if (isWorkerd) expect(await (await sending).json()).toMatchObject({ type: '/problems/incomplete-body' });
    else await expect(sending).rejects.toThrow();
    // A client on a socket may fail before it has sent its few bytes.
    if (isWorkerd || sent > 1000) await expect.poll(() => gateway.log).not.toEqual([]);
    expect(uploadCalls(gateway)).toHaveLength(0);
    await expect.poll(() => stored('')).toEqual([]);
  });

  test.each(['writer.write', 'writer.close', 'delete'] as const)(
    'a store that fails at %s is a 503, or was not needed',
    async (broken) => {
      // It does its work, then reports a failure.
      const failing = wrapStore(async ({ step, run }) => {
        const result = await run();
        if (step === broken) throw new Error('down');
        return result;
      });
      const gateway = await startUploadGateway({ store: failing });
      const body = how === 'declared' ? long.slice() : chunked(pieces(long.slice(), 1e6));
      const response = await gateway.upload(body, {
        ...(how === 'declared' && { headers: declare(long.slice()) }),
      });
      const isNeeded = broken !== 'delete';
      expect(response.status).toBe(isNeeded ? 503 : 201);
      expect(uploadCalls(gateway)).toHaveLength(isNeeded ? 0 : 1);
      expect(await stored('')).toHaveLength(isNeeded ? 0 : 1);
      if (!isNeeded) return;
      expect(response.headers.get('Retry-After')).toBe('5');
      expect(await response.json()).toMatchObject({ type: '/problems/store-unavailable' });
    },
  );
});
