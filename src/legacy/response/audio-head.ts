/** Reads just enough of a download to classify it and to find the start of its audio. */
import type { LegacyBody } from '../transport.ts';
import type { AudioFormat } from '../wire.ts';
import { readHead } from './response-reader.ts';
import { searchLength, skipTags, sniffAudio, sniffLength } from './sniff.ts';
import { readWavHeader, type WavHeader } from './wav-header.ts';

/** Pictures make ID3 tags long; audio behind a longer tag is assumed to be MP3. In bytes. */
const maxTagLength = 1024 * 1024;

/** Below this, every chunk is examined as it arrives; above it, only when the head has grown by a quarter. In bytes. */
const promptLength = 4096;

/** `format` is the requested one. */
export async function readAudioHead(body: LegacyBody, format: AudioFormat): Promise<Uint8Array> {
  const head = await readHead(body);
  const isTagged = skipTags(head) > 0;
  if (isTagged) {
    return await extend(body, head, {
      maxLength: maxTagLength,
      until: (bytes) => bytes.length >= skipTags(bytes) + sniffLength,
    });
  }
  if (format === 'wav' || sniffAudio(head) !== null) return head;
  return await extend(body, head, { maxLength: searchLength, until: (bytes) => sniffAudio(bytes) !== null });
}

export interface WavStart {
  readonly head: Uint8Array;
  /** Null if the header is unreadable. */
  readonly header: WavHeader | null;
}

/** The head of a WAV up to its audio, and the parsed header; null if the body ends before its audio starts. */
export async function readToAudio(body: LegacyBody, start: Uint8Array): Promise<WavStart | null> {
  const read = (bytes: Uint8Array) => readWavHeader(bytes, skipTags(bytes), false);
  const maxLength = skipTags(start) + searchLength;
  // Does not wait for a chunk that ends beyond the limit, since the legacy service may send slowly.
  const until = (bytes: Uint8Array) => {
    const reading = read(bytes);
    return reading.kind !== 'incomplete' || reading.neededLength > maxLength;
  };
  const head = await extend(body, start, { maxLength, until });
  const reading = read(head);
  if (reading.kind === 'wav') return { head, header: reading.header };
  if (reading.kind === 'fault') return { head, header: null };
  const { neededLength } = reading;
  const isEnded = neededLength <= maxLength && head.length < maxLength;
  return isEnded ? null : { head, header: { dataStart: neededLength, dataSize: 0 } };
}

interface Extent {
  readonly maxLength: number;
  readonly until: (bytes: Uint8Array) => boolean;
}

async function extend(body: LegacyBody, head: Uint8Array, { maxLength, until }: Extent): Promise<Uint8Array> {
  let whole = head;
  let pieces: Uint8Array[] = [];
  let length = head.length;
  while (!until(whole) && length < maxLength) {
    const enough = whole.length < promptLength ? whole.length + 1 : whole.length * 1.25;
    let chunk: Uint8Array | null = null;
    do {
      chunk = await body.read();
      if (chunk) pieces.push(chunk);
      length += chunk?.length ?? 0;
    } while (chunk && length < enough);
    if (pieces.length === 0) break;
    whole = concat([whole, ...pieces], length);
    pieces = [];
    if (!chunk) break;
  }
  return whole;
}

function concat(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
