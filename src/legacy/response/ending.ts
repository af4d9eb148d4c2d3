/**
 * Decides at the end of audio without a length whether all of it arrived. A PHP script that crashes midway still ends
 * its response cleanly, so only the audio itself can show it.
 */
import type { Ending, LegacyBody } from '../transport.ts';
import type { AudioFormat } from '../wire.ts';
import { endsOnFrame } from './mpeg-frame.ts';
import type { WavHeader } from './wav-header.ts';

/** `doubtful` audio is sent but not stored; `cut` audio interrupts the response. */
export type Verdict = 'whole' | 'doubtful' | 'cut';

export interface AudioStart {
  readonly format: AudioFormat;
  /**
   * Null if the audio is not a WAV, or its header is unreadable. A size of 0 means that the audio starts later than the
   * header was read, and `dataStart` is the earliest offset.
   */
  readonly wav: WavHeader | null;
}

export interface EndedAudio {
  readonly length: number;
  /** Its last bytes. */
  readonly tail: Uint8Array;
}

/** Room for several MP3 frames and the tags after them, or for an error text with its stack trace. In bytes. */
const tailSize = 16 * 1024;

/** How many bytes a WAV's header may be off by in a complete transfer. */
const tolerance = 512;

/** PHP's fatal errors, as HTML and as text, and an envelope that a script writes after the audio it had started. */
const fatalText =
  /<br \/>\s*<b>(?:\w+ )*(?:fatal|parse) error<\/b>:|(?:^|\n)(?:PHP )?(?:\w+ )*(?:Fatal|Parse) error: |<result>\s*failed\s*<\/result>/i;
const mildText =
  /<br \/>\s*<b>(?:Warning|Notice|Deprecated)<\/b>:|\n(?:PHP )?(?:Warning|Notice|Deprecated): .* on line \d+/i;

export function judgeEnding({ format, wav }: AudioStart, { length, tail }: EndedAudio): Verdict {
  const text = new TextDecoder('latin1').decode(tail);
  const fatalAt = text.search(fatalText);
  const mildAt = fatalAt < 0 ? text.search(mildText) : -1;
  const textAt = Math.max(fatalAt, mildAt);
  const isClean = textAt < 0;
  const audioLength = isClean ? length : length - tail.length + textAt;
  if (format === 'wav') {
    const missing = wav?.dataSize == null ? null : wav.dataStart + wav.dataSize - audioLength;
    if (missing !== null && missing > tolerance) return 'cut';
    const isKnown = wav !== null && wav.dataSize !== 0;
    if (isClean) return isKnown ? 'whole' : 'doubtful';
    return fatalAt >= 0 && missing === null ? 'cut' : 'doubtful';
  }
  if (fatalAt >= 0) return 'cut';
  if (endsOnFrame(isClean ? tail : tail.subarray(0, textAt))) return isClean ? 'whole' : 'doubtful';
  return isClean ? 'doubtful' : 'cut';
}

export interface CheckedBody {
  readonly body: LegacyBody;
  /** After the end: whether the audio appears complete. */
  isIntact(): boolean;
}

/** `head` was already read from the body. */
export function checkEnding(body: LegacyBody, start: AudioStart, head: Uint8Array): CheckedBody {
  const tail = createTail();
  let length = 0;
  let verdict: Verdict = 'doubtful';

  function pass(chunk: Uint8Array): void {
    length += chunk.length;
    tail.push(chunk);
  }

  const ending: Ending = {
    pass,
    isCut() {
      verdict = judgeEnding(start, { length, tail: tail.bytes() });
      return verdict === 'cut';
    },
  };
  pass(head);
  return {
    isIntact: () => verdict === 'whole',
    body: {
      ...body,
      async read() {
        const chunk = await body.read();
        if (chunk) pass(chunk);
        return chunk;
      },
      async skip(bytes) {
        await body.skip(bytes);
        length += bytes;
      },
      relay: (options) => body.relay(options.length === null ? { ...options, ending } : options),
    },
  };
}

/** Keeps a copy of the last bytes, since the chunks' memory is reused. */
function createTail() {
  const kept = new Uint8Array(tailSize);
  let filled = 0;
  return {
    push(chunk: Uint8Array) {
      const piece = chunk.subarray(-tailSize);
      const spare = Math.max(0, filled + piece.length - tailSize);
      kept.copyWithin(0, spare, filled);
      filled -= spare;
      kept.set(piece, filled);
      filled += piece.length;
    },
    bytes: () => kept.subarray(0, filled),
  };
}
