/** HTML forms: their one file arrives complete, however the network splits it, and other forms are rejected. */
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { createBodyReader } from '../../src/uploads/body-reader.ts';
import { openFormFile } from '../../src/uploads/form.ts';
import { createAudio } from '../emulator/audio.ts';
import { crc32 } from '../emulator/crc32.ts';
import { refusedForms, takenForms } from '../support/forms.ts';
import { basic } from '../support/harness.ts';
import {
  clearStore,
  startUploadGateway,
  stored,
  type UploadGateway,
  uploadCalls,
} from '../support/upload-gateway.ts';

afterEach(clearStore);

const wav = createAudio('wav', { seed: 'form', rate: 8000, seconds: 1 });
const mp3 = createAudio('mp3', { seed: 'form', rate: 8000, seconds: 1 });
/** Longer than a part of 5 MiB. */
const long = createAudio('wav', { seed: 'form', rate: 44_100, seconds: 80 });

const toFile = (bytes: Uint8Array<ArrayBuffer>, type: string, name = 'call.wav') =>
  new File([bytes], name, { type });

function toForm(...entries: [string, string | File][]): FormData {
  const form = new FormData();
  for (const [name, value] of entries) form.append(name, value);
  return form;
}

/** `fetch` chooses the boundary, so it also sets the type. */
function send(gateway: UploadGateway, body: BodyInit, headers: Record<string, string> = {}) {
  return gateway.fetch('/uploads/audio?type=findme&id=1234', {
    method: 'POST',
    headers: { ...basic(gateway.emulator), ...headers },
    body,
  });
}

test.each([
  { name: 'a WAV', file: wav, type: 'audio/wav' },
  { name: 'an MP3', file: mp3, type: 'audio/mpeg' },
  { name: 'a WAV of two parts', file: long, type: 'audio/x-wav' },
])('$name arrives complete, among fields', async ({ file, type }) => {
  const gateway = await startUploadGateway();
  const bytes = file.slice();
  const form = toForm(['note', 'a field'], ['file', toFile(bytes, type)], ['submit', 'Upload']);
  const response = await send(gateway, form);
  expect(await response.json()).toEqual({
    type: 'findme',
    id: 1234,
    content_type: file.contentType,
    content_length: file.length,
  });
  expect(response.status).toBe(201);
  expect(gateway.emulator.account('page').uploads[0]?.content).toMatchObject({
    length: bytes.length,
    crc32: crc32(bytes),
  });
});

test("the form of a generated Swift client is accepted: its file is named `body`, with Apple's type for WAV", async () => {
  const gateway = await startUploadGateway();
  const head =
    '--Boundary-6F\r\nContent-Disposition: form-data; name="body"; filename="call.wav"\r\nContent-Type: audio/vnd.wave\r\n\r\n';
  const body = new Blob([head, wav.slice(), '\r\n--Boundary-6F--\r\n']);
  const headers = { 'Content-Type': 'multipart/form-data; boundary=Boundary-6F' };
  const response = await send(gateway, body, headers);
  expect(response.status).toBe(201);
  expect(await response.json()).toMatchObject({ content_type: 'audio/wav', content_length: wav.length });
});

const part = (content: string) =>
  `--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n${content}\r\n`;
const raw = (text: string) => ({
  body: text,
  headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
});

test.each([
  ['no file', { body: toForm(['note', 'x']) }, 400, 'invalid-request'],
  ['an empty form', raw('--b--\r\n'), 400, 'invalid-request'],
  ['an empty body', raw(''), 400, 'incomplete-body'],
  ['an empty file', { body: toForm(['file', toFile(new Uint8Array(), 'audio/wav')]) }, 400, 'invalid-audio'],
  [
    'text as its file',
    { body: toForm(['file', toFile(new TextEncoder().encode('text'), 'audio/wav')]) },
    400,
    'invalid-audio',
  ],
  [
    'a file of another type',
    { body: toForm(['file', toFile(wav.slice(), 'image/png')]) },
    415,
    'unsupported-media-type',
  ],
  [
    'two files',
    { body: toForm(['file', toFile(wav.slice(), 'audio/wav')], ['file', toFile(wav.slice(), 'audio/wav')]) },
    400,
    'invalid-request',
  ],
  ['a truncated file', raw(part('RIFF').slice(0, -3)), 400, 'incomplete-body'],
  ['no final boundary', raw(part('RIFF')), 400, 'incomplete-body'],
  [
    'no boundary in its type',
    { body: part('RIFF'), headers: { 'Content-Type': 'multipart/form-data' } },
    400,
    'invalid-request',
  ],
  ['broken headers', raw('--b\r\n:::\r\n\r\nx\r\n--b--\r\n'), 400, 'invalid-request'],
  [
    'a part without a name',
    raw('--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n'),
    400,
    'invalid-request',
  ],
] as const)('%s is rejected, and nothing is left', async (_title, request, status, problem) => {
  const gateway = await startUploadGateway();
  const response = await send(gateway, request.body, 'headers' in request ? request.headers : {});
  expect(await response.json()).toMatchObject({ type: `/problems/${problem}` });
  expect(response.status).toBe(status);
  expect(uploadCalls(gateway)).toHaveLength(0);
  expect(await stored('')).toEqual([]);
});

test.each(takenForms)('$name is accepted', async ({ body, contentType, file }) => {
  const gateway = await startUploadGateway();
  const response = await send(gateway, body, { 'Content-Type': contentType });
  expect(await response.json()).toMatchObject({ content_length: file.length });
  expect(response.status).toBe(201);
  expect(gateway.emulator.account('page').uploads[0]?.content).toMatchObject({ crc32: crc32(file) });
});

test.each(refusedForms)('$name is rejected with a detail that names the fault', async (row) => {
  const gateway = await startUploadGateway();
  const response = await send(gateway, row.body, { 'Content-Type': row.contentType });
  expect(await response.json()).toMatchObject({
    type: `/problems/${row.problem}`,
    detail: expect.stringMatching(row.says),
  });
  expect(response.status).toBe(row.status);
  expect(uploadCalls(gateway)).toHaveLength(0);
  expect(await stored('')).toEqual([]);
});

test('a file over the limit is rejected as soon as it exceeds it', async () => {
  const gateway = await startUploadGateway({ env: { MAX_UPLOAD_BYTES: '1000' } });
  const response = await send(gateway, toForm(['file', toFile(wav.slice(), 'audio/wav')]));
  expect(response.status).toBe(413);
  expect(await stored('')).toEqual([]);
});

describe('with remembered keys of a browser', () => {
  const form = () => toForm(['file', toFile(wav.slice(), 'audio/wav')]);
  const env = { CORS_ORIGINS: 'https://app.example' };

  test.each([
    [{ 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }, 403],
    [{ 'Sec-Fetch-Site': 'same-site', Origin: 'https://other.gateway.example' }, 403],
    [{ 'Sec-Fetch-Site': 'cross-site', Origin: 'null' }, 403],
    [{ Origin: 'https://evil.example' }, 403],
    [{ 'Sec-Fetch-Site': 'cross-site', Origin: 'https://app.example' }, 201],
    [{ 'Sec-Fetch-Site': 'same-origin', Origin: 'https://gateway.example' }, 201],
    [{ Origin: 'THE GATEWAY' }, 201],
    [{ 'Sec-Fetch-Site': 'none' }, 201],
    [{}, 201],
  ])('%o → %i', async (headers, status) => {
    const gateway = await startUploadGateway({ env });
    const origin = 'Origin' in headers && { Origin: headers.Origin.replace('THE GATEWAY', gateway.origin) };
    const response = await send(gateway, form(), { ...headers, ...origin });
    expect(response.status).toBe(status);
    if (status === 403) expect(await response.json()).toMatchObject({ type: '/problems/cross-site-form' });
    expect(uploadCalls(gateway)).toHaveLength(status === 201 ? 1 : 0);
  });

  test('a page of any origin may not use the user’s keys', async () => {
    const gateway = await startUploadGateway({ env: { CORS_ORIGINS: '*' } });
    const headers = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' };
    expect((await send(gateway, form(), headers)).status).toBe(403);
  });
});

test('any file arrives unchanged, wherever the network splits it', async () => {
  const nasty = fc.constantFrom('\r\n--b', '\r\n--', '--b--', '\r', '\n', '-', 'x', '\r\n--b-', '\r\n--bb');
  const contents = fc.array(nasty, { maxLength: 12 }).map((texts) => texts.join(''));
  const encode = (text: string) => new TextEncoder().encode(text);
  await fc.assert(
    fc.asyncProperty(contents, fc.integer({ min: 1, max: 200 }), async (content, size) => {
      fc.pre(!/\r\n--b(?:\r\n|--|$)/.test(`${content}`) && !`\r\n${content}`.includes('\r\n--b'));
      const whole = encode(`${part(content)}--b--\r\n`);
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
        whole.slice(index * size, (index + 1) * size),
      );
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          const piece = pieces.shift();
          if (piece) controller.enqueue(piece);
          else controller.close();
        },
      });
      const file = await openFormFile(createBodyReader(body, 1e6), {
        contentType: 'multipart/form-data; boundary=b',
        limit: 1e6,
      });
      expect(file.contentType).toBe('audio/wav');
      expect(new TextDecoder().decode(await file.reader.read(1e6))).toBe(content);
      expect(await file.reader.read(1)).toHaveLength(0);
    }),
  );
});

test('a long file full of near-boundaries arrives unchanged, in pieces of any size', async () => {
  const line = '\r\n--\r\n-\r\r\n--a\r\n--B';
  const content = Array.from({ length: 40_000 }, (_, index) => `${line}${index}`).join('');
  const whole = new TextEncoder().encode(`${part(content)}--b--\r\n`);
  for (const size of [1000, 65_537, 262_144, 5_000_000]) {
    const form = createBodyReader(new Blob([whole]).stream(), 1e7);
    const { reader } = await openFormFile(form, {
      contentType: 'multipart/form-data; boundary=b',
      limit: 1e7,
    });
    let text = '';
    const decoder = new TextDecoder();
    for (let piece = await reader.read(size); piece.length > 0; piece = await reader.read(size)) {
      text += decoder.decode(piece, { stream: true });
      reader.recycle(piece);
    }
    expect(text.length).toBe(content.length);
    expect(text === content).toBe(true);
    expect(reader.count).toBe(content.length);
  }
});
