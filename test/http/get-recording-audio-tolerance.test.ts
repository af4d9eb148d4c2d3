/** Audio of the legacy service is recognised as players recognise it, and passes unchanged. */
import { describe, expect, test } from 'vitest';
import { createAudio } from '../emulator/audio.ts';
import { isSame } from '../support/audio-cases.ts';
import { startGateway } from '../support/harness.ts';
import { chunk, concat, formatChunk, id3, playedWavs, text, wavOf, zeros } from '../support/wav-files.ts';

const mp3 = createAudio('mp3', { seed: 'tolerance', rate: 8000, seconds: 3 }).slice();

const longList = wavOf({ middle: concat(formatChunk(), chunk('LIST', zeros(5000))) });
const longJunk = wavOf({ middle: concat(formatChunk(), chunk('JUNK', zeros(200_000))) });
const largeTag = concat(id3(400_000), wavOf());

async function ask(format: string, bytes: Uint8Array<ArrayBuffer>, chunkSize = bytes.length) {
  const legacy = () => {
    let at = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= bytes.length) return controller.close();
        controller.enqueue(bytes.slice(at, at + chunkSize));
        at += chunkSize;
      },
    });
    return new Response(body, { headers: { 'Content-Type': 'application/octet-stream' } });
  };
  const gateway = await startGateway({ legacy });
  return gateway.fetch(`/recordings/0907065723240097/audio?format=${format}`, {
    headers: { Authorization: `Basic ${btoa('some-key:some-secret')}` },
  });
}

async function expectSame(response: Response, bytes: Uint8Array) {
  expect(response.status).toBe(200);
  expect(isSame(new Uint8Array(await response.arrayBuffer()), bytes)).toBe(true);
}

describe.each([1_000_000, 1999, 7])('in chunks of %i bytes', (size) => {
  // Long files in tiny chunks only take time.
  const files = playedWavs.filter(({ bytes }) => bytes.length < size * 10_000);

  test.each(files)('a WAV with $name', async ({ bytes }) => {
    await expectSame(await ask('wav', bytes, size), bytes);
  });

  test.each([
    ['at once', zeros(0)],
    ['after zeros', zeros(3000)],
    ['after a partial frame', mp3.slice(20, 140)],
    ['after an ID3v1 tag', concat(text('TAG'), zeros(125))],
    ['after an ID3v2 tag', id3(5000)],
    ['after an ID3v2 tag and zeros', concat(id3(300), zeros(1000))],
    ['after an APE tag', concat(text('APETAGEX'), zeros(200))],
  ])('an MP3 whose frames start %s', async (_where, front) => {
    const bytes = concat(front, mp3);
    await expectSame(await ask('mp3', bytes, size), bytes);
  });
});

test('a WAV starts to arrive before the legacy service has sent its first second', async () => {
  const start = wavOf({ middle: concat(formatChunk(), chunk('JUNK', zeros(0), 200_000)) }).slice(0, 200);
  const legacy = () => new Response(new ReadableStream({ start: (controller) => controller.enqueue(start) }));
  const gateway = await startGateway({ legacy });
  const response = await gateway.fetch('/recordings/0907065723240097/audio', {
    headers: { Authorization: `Basic ${btoa('some-key:some-secret')}` },
  });
  const reader = response.body?.getReader();
  expect((await reader?.read())?.value).toHaveLength(200);
  await reader?.cancel();
});

test.each([
  ['whose audio starts after 200,000 bytes of other chunks', longJunk],
  ['after an ID3 tag of 400,000 bytes', largeTag],
])('a WAV %s passes', async (_what, bytes) => {
  await expectSame(await ask('wav', bytes, 50_000), bytes);
});

test('a WAV that ends within a large chunk before its audio breaks off', async () => {
  const response = await ask('wav', longJunk.slice(0, 150_000), 50_000);
  await expect(response.arrayBuffer()).rejects.toThrow();
});

test.each([
  ['mp3', 'zeros alone', zeros(100_000)],
  ['mp3', 'frames behind 70,000 bytes of zeros', concat(zeros(70_000), mp3)],
  ['mp3', 'one frame among zeros', concat(zeros(100), mp3.slice(0, 144), zeros(5000))],
  ['mp3', 'a WAV behind an ID3 tag', concat(id3(400), wavOf())],
  ['mp3', 'markup in front of frames', concat(text('<br />\n'), mp3)],
  ['wav', 'an MP3 behind an ID3 tag', concat(id3(400), mp3)],
  ['wav', 'a line break in front of a WAV', concat(text('\r\n'), wavOf())],
  ['wav', 'a WAV that ends within its format', wavOf().slice(0, 20)],
  ['wav', 'a WAV that ends within the size of its audio', wavOf().slice(0, 42)],
  ['wav', 'a WAV that ends within a chunk before its audio', longList.slice(0, 3000)],
  ['wav', 'a tagged WAV that ends before its audio', concat(id3(400), wavOf().slice(0, 36))],
  ['wav', 'an AVI', concat(text('RIFF....AVI LIST'), zeros(100))],
])('for %s: %s is a 502', async (format, _what, bytes) => {
  expect((await ask(format, bytes)).status).toBe(502);
});
