/**
 * Reads MPEG audio frame headers (ISO/IEC 11172-3 section 2.4.1.3, and 13818-3): the length of each frame, and which
 * frames belong together.
 */

export interface MpegFrame {
  /** Header included, in bytes. */
  readonly length: number;
  /** Version, layer and sample rate, which are the same in all frames of a file. */
  readonly kind: number;
}

/** In kilobits per second, by bit rate index from 1 to 14. */
const bitRates = {
  v1: {
    3: [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    2: [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    1: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  },
  v2: {
    3: [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    2: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    1: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  },
} as const;

/** In hertz, for MPEG-1; half of it for MPEG-2 and a quarter for MPEG-2.5. */
const sampleRates = [44_100, 48_000, 32_000];

/** Null if no frame starts at `at`, and for free bit rates, whose length the header does not tell. */
export function readMpegFrame(bytes: Uint8Array, at: number): MpegFrame | null {
  if (at + 4 > bytes.length || !isFrameHeader(bytes, at)) return null;
  const [, second = 0, third = 0] = bytes.subarray(at, at + 4);
  const version = (second >> 3) & 3;
  const layer = ((second >> 1) & 3) as 1 | 2 | 3;
  const kilobits = bitRates[version === 3 ? 'v1' : 'v2'][layer][(third >> 4) - 1];
  const baseRate = sampleRates[(third >> 2) & 3];
  if (kilobits === undefined || baseRate === undefined) return null;
  const rate = baseRate / { 0: 4, 1: 1, 2: 2, 3: 1 }[version as 0 | 1 | 2 | 3];
  const slots = (third >> 1) & 1;
  const kind = ((second & 0x1e) << 8) | (third & 0x0c);
  if (layer === 3) return { length: (Math.floor((12_000 * kilobits) / rate) + slots) * 4, kind };
  const perFrame = layer === 1 && version !== 3 ? 72_000 : 144_000;
  return { length: Math.floor((perFrame * kilobits) / rate) + slots, kind };
}

/** Whether a header without reserved values starts at `at`. AAC has the same sync, but a reserved layer. */
function isFrameHeader(bytes: Uint8Array, at: number): boolean {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes.subarray(at, at + 4);
  const version = (second >> 3) & 3;
  const layer = (second >> 1) & 3;
  const isSync = at + 4 <= bytes.length && first === 0xff && second >= 0xe0;
  return (
    isSync &&
    version !== 1 &&
    layer !== 0 &&
    third >> 4 !== 15 &&
    ((third >> 2) & 3) !== 3 &&
    (fourth & 3) !== 2
  );
}

/** Offset of the first of two consecutive frames; null if there are none. */
export function findFrames(bytes: Uint8Array): number | null {
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const frame = readMpegFrame(bytes, at);
    if (frame && readMpegFrame(bytes, at + frame.length)?.kind === frame.kind) return at;
  }
  return null;
}

/**
 * Whether the end of an MP3 consists of complete frames, ignoring tags and zeros after them. `tail` holds several
 * frames.
 */
export function endsOnFrame(tail: Uint8Array): boolean {
  const audio = withoutTags(tail);
  // A sync pattern inside a frame leads nowhere, so try each one until a chain of frames reaches the end.
  for (let at = audio.indexOf(0xff); at >= 0; at = audio.indexOf(0xff, at + 1)) {
    if (isChain(audio, at)) return true;
  }
  return false;
}

/** Whether two or more consecutive frames end where `audio` does, or are followed only by zeros. */
function isChain(audio: Uint8Array, start: number): boolean {
  const end = audio.findLastIndex((byte) => byte !== 0) + 1;
  const kind = readMpegFrame(audio, start)?.kind;
  let count = 0;
  let at = start;
  while (at < end) {
    const frame = readMpegFrame(audio, at);
    if (!frame || frame.kind !== kind) return false;
    at += frame.length;
    count += 1;
  }
  return at <= audio.length && (count > 1 || (count === 1 && start === 0));
}

/** In bytes. An ID3v1 tag ends the file; the footer of an APEv2 tag states the tag's length. */
const id3v1Size = 128;
const apeFooterSize = 32;

/** Removes an ID3v1 and an APEv2 tag from the end. */
function withoutTags(tail: Uint8Array): Uint8Array {
  const startsWith = (at: number, text: string) =>
    at >= 0 && [...text].every((char, index) => tail[at + index] === char.charCodeAt(0));
  const end = startsWith(tail.length - id3v1Size, 'TAG') ? tail.length - id3v1Size : tail.length;
  if (!startsWith(end - apeFooterSize, 'APETAGEX')) return tail.subarray(0, end);
  const footer = new DataView(tail.buffer, tail.byteOffset + end - apeFooterSize, apeFooterSize);
  const headerSize = footer.getUint32(20, true) >= 0x8000_0000 ? apeFooterSize : 0;
  return tail.subarray(0, Math.max(0, end - footer.getUint32(12, true) - headerSize));
}
