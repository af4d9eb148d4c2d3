/** Faults of a download whose body is not audio, or not the requested audio. */
import { toFormat } from '../actions/download.ts';
import { type Answer, bytesAnswer, envelope } from '../answer.ts';
import { createAudio } from '../audio.ts';
import { concat, encode } from '../bytes.ts';
import { createRandom } from '../random.ts';
import { downloadOnly, type Fault, type FaultContext } from './fault.ts';

const notFound = envelope('failed', 'File not found');

/** With the headers of the correct response. */
function labelled(text: string, { parameters }: FaultContext): Answer {
  const type = toFormat(parameters.get('format') || 'wav') === 'mp3' ? 'audio/mpeg' : 'audio/wav';
  return bytesAnswer(200, encode(text), type);
}

export const soundFaults = {
  'failed-labelled-as-audio': {
    description: 'HTTP 200 with an audio type and the envelope of a failure',
    actions: downloadOnly,
    apply: (context) => labelled(notFound, context),
  },
  'xml-as-audio-with-leading-whitespace': {
    description: 'the same after a byte order mark and a kilobyte of white space',
    actions: downloadOnly,
    apply: (context) => labelled(`\ufeff${' \r\n\t'.repeat(256)}${notFound}`, context),
  },
  'audio-of-wrong-format': {
    description: 'WAV for a requested MP3, and MP3 for a WAV; the label is that of the requested format',
    actions: downloadOnly,
    apply: (context) => {
      const format = toFormat(context.parameters.get('format') || 'wav') === 'mp3' ? 'wav' : 'mp3';
      const file = createAudio(format, { seed: 'wrong', rate: 8000, seconds: 4 });
      return { ...labelled('', context), chunks: file.read(), length: file.length };
    },
  },
  'noise-as-audio': {
    description: 'meaningless bytes, labelled as audio',
    actions: downloadOnly,
    apply: (context) => {
      const random = createRandom(1);
      // None of the first bytes can start XML, a WAV or an MPEG frame.
      const noise = Uint8Array.from({ length: 65_536 }, () => 128 + Math.floor(random() * 127));
      return { ...labelled('', context), chunks: [noise], length: noise.length };
    },
  },
  'wav-header-only': {
    description: 'the first 44 bytes of a WAV as a complete response',
    actions: downloadOnly,
    apply: (context) => {
      const header = createAudio('wav', { seed: 'none', rate: 8000, seconds: 4 }).slice(0, 44);
      return { ...labelled('', context), chunks: [header], length: header.length };
    },
  },
  'few-bytes-of-audio': {
    description: 'three bytes that could start a WAV',
    actions: downloadOnly,
    apply: (context) => labelled('RIF', context),
  },
  'audio-behind-id3': {
    description: 'a correct MP3 after an ID3 tag with a picture; a WAV is unchanged',
    actions: downloadOnly,
    async apply(context) {
      const right = await context.answer();
      if (right.headers['content-type'] !== 'audio/mpeg') return right;
      const size = 4096;
      const tag = concat([
        encode('ID3\x03\0\0'),
        Uint8Array.of(0, 0, size >> 7, size & 127),
        new Uint8Array(size),
      ]);
      return { ...right, chunks: prepend(tag, right), length: right.length + tag.length };
    },
  },
} as const satisfies Record<string, Fault>;

async function* prepend(first: Uint8Array<ArrayBuffer>, { chunks }: Answer) {
  yield first;
  yield* chunks;
}
