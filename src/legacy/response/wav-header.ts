/** Finds the audio in a WAV as players do: the chunks decide, the sizes are hints. */

export type WavReading =
  /** The header up to the audio. */
  | { readonly kind: 'wav'; readonly header: WavHeader }
  /** Players cannot play it. `fault` completes "The WAV cannot be played: …". */
  | { readonly kind: 'fault'; readonly fault: string }
  /** The chunk with the audio starts past the given bytes or in the last of them; this many bytes would tell. */
  | { readonly kind: 'incomplete'; readonly neededLength: number };

export interface WavHeader {
  /** Offset of the first sample, in bytes. */
  readonly dataStart: number;
  /** The size in the header, in bytes; null if the recorder did not fill it in. */
  readonly dataSize: number | null;
}

/** RIFX is big-endian; RF64 and BW64 keep their sizes in a `ds64` chunk (EBU Tech 3306, ITU-R BS.2088). */
const forms = ['RIFF', 'RIFX', 'RF64', 'BW64'];

/**
 * Recorders that cannot seek back write 0, 0xFFFFFFFF, 2 GiB, or 2 GiB less a block or a page as the size. The
 * largest block, of 24 bits and many channels, is far below 64 KiB.
 */
const unfinishedSize = 0x7fff_0000;

/** Smallest `fmt ` chunk that names a codec, channels and a rate, in bytes. */
const minFormatSize = 14;

/** Smallest `ds64` chunk: the sizes of the file and the audio, and the number of samples. In bytes. */
const minLongSize = 24;

/** Whether a WAV starts at `at`. */
export function startsWav(bytes: Uint8Array, at = 0): boolean {
  return forms.includes(readId(bytes, at)) && readId(bytes, at + 8) === 'WAVE';
}

/** `start` is the offset of the RIFF chunk, which tags may precede. `isWhole` means that `bytes` are the whole file. */
export function readWavHeader(bytes: Uint8Array, start: number, isWhole: boolean): WavReading {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const form = readId(bytes, start);
  const isLittle = form !== 'RIFX';
  const isLong = form.endsWith('64');
  if (isLong && bytes.length >= start + 36 && readId(bytes, start + 12) !== 'ds64') {
    return fault(`it is ${form} and does not start with a ds64 chunk`);
  }
  let hasFormat = false;
  let longSize: number | null = null;
  let at = start + 12;
  while (at + 8 <= bytes.length) {
    const id = readId(bytes, at);
    const size = view.getUint32(at + 4, isLittle);
    const body = at + 8;
    if (id === 'data') {
      if (!hasFormat) return fault('it has no fmt chunk before its data');
      return { kind: 'wav', header: { dataStart: body, dataSize: toKnown(longSize ?? size) } };
    }
    if (id === 'fmt ' && !hasFormat) {
      if (size < minFormatSize) return fault(`its fmt chunk has ${size} bytes, fewer than ${minFormatSize}`);
      if (body + minFormatSize > bytes.length) {
        at = body + size;
        break;
      }
      if (view.getUint16(body + 2, isLittle) === 0) return fault('its fmt chunk names no channels');
      if (view.getUint32(body + 4, isLittle) === 0) return fault('its fmt chunk names no sample rate');
      hasFormat = true;
    }
    if (isLong && id === 'ds64' && size < minLongSize)
      return fault(`its ds64 chunk has ${size} bytes, fewer than ${minLongSize}`);
    if (isLong && id === 'ds64' && body + 16 <= bytes.length)
      longSize = Number(view.getBigUint64(body + 8, true));
    at = body + size + (size % 2);
  }
  return isWhole ? fault('it has no data chunk') : { kind: 'incomplete', neededLength: at + 8 };
}

function toKnown(size: number): number | null {
  return size === 0 || (size >= unfinishedSize && size <= 0xffff_ffff) || !Number.isSafeInteger(size)
    ? null
    : size;
}

function readId(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function fault(text: string): WavReading {
  return { kind: 'fault', fault: text };
}
