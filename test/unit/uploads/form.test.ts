/** A form's file is read unchanged, however a client writes the form and however the network splits it. */
import { describe, expect, test } from 'vitest';
import { createBodyReader } from '../../../src/uploads/body-reader.ts';
import { openFormFile } from '../../../src/uploads/form.ts';
import { takenForms } from '../../support/forms.ts';

/** In chunks of this size. */
function toStream(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

async function readFile(body: ReadableStream<Uint8Array>, contentType: string): Promise<Uint8Array> {
  const limit = 10_000_000;
  const { reader } = await openFormFile(createBodyReader(body, limit), { contentType, limit });
  const pieces: Uint8Array[] = [];
  for (let piece = await reader.read(7001); piece.length > 0; piece = await reader.read(7001)) {
    pieces.push(piece.slice());
    reader.recycle(piece);
  }
  return Buffer.concat(pieces);
}

describe.each([1_000_000, 16_384, 997])('in chunks of %i bytes', (size) => {
  test.each(takenForms)('$name', async ({ body, contentType, file }) => {
    const read = await readFile(toStream(body, size), contentType);
    expect(Buffer.compare(read, file)).toBe(0);
  });
});

test('every split of a short form yields the same file', async () => {
  const content = '\r\n--b-\r\n--\r\r\n--bb\n--b\r\n';
  const head = 'Content-Disposition: form-data; filename=a\r\nContent-Type: audio/wav';
  const form = new TextEncoder().encode(`x\r\n--b \r\n${head}\r\n\r\n${content}\r\n--b--\r\n--b\r\n`);
  for (let size = 1; size <= form.length; size += 1) {
    const read = await readFile(toStream(form, size), 'multipart/form-data; boundary=b');
    expect(new TextDecoder().decode(read)).toBe(content);
  }
});

test('no more is requested from the sender than is read', async () => {
  let asked = 0;
  const head = 'Content-Disposition: form-data; filename=a\r\nContent-Type: audio/wav\r\n\r\n';
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        controller.enqueue(asked === 0 ? new TextEncoder().encode(`--b\r\n${head}`) : new Uint8Array(65_536));
        asked += 1;
      },
    },
    { highWaterMark: 0 },
  );
  const options = { contentType: 'multipart/form-data; boundary=b', limit: 1e9 };
  const { reader } = await openFormFile(createBodyReader(body, 1e9), options);
  for (let index = 0; index < 16; index += 1) await reader.read(65_536);
  expect(asked).toBeLessThan(26);
});

// Against a search that compares each byte with most of the boundary: 4 MB then take minutes.
test.each([
  ['almost repeats it', 'a'],
  ['starts it again and again', '\r\n--aaaaaaa'],
  ['is line feeds', '\n'],
])('a long boundary delays no other request, even if the body %s', async (_, text) => {
  const boundary = 'a'.repeat(14_000);
  const content = text.repeat(4_000_000 / text.length);
  const head = 'Content-Disposition: form-data; filename=a\r\nContent-Type: audio/wav';
  const form = new TextEncoder().encode(`--${boundary}\r\n${head}\r\n\r\n${content}\r\n--${boundary}--\r\n`);
  const startedAt = performance.now();
  const read = await readFile(toStream(form, 65_536), `multipart/form-data; boundary=${boundary}`);
  expect(performance.now() - startedAt).toBeLessThan(5000);
  expect(read.length).toBe(content.length);
});
