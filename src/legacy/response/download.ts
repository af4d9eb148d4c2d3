/** Reads the response to a download: audio, a part of it, or the news that it is still processing. */

import type { RangeSpec } from '../../http/range.ts';
import { LegacyError } from '../failure.ts';
import { contentLength, type LegacyBody, type LegacyResponse } from '../transport.ts';
import type { AudioFormat } from '../wire.ts';
import { readAudioHead, readToAudio } from './audio-head.ts';
import { readPart } from './content-range.ts';
import { checkEnding } from './ending.ts';
import { invalidResponse, readFailure, readHead } from './response-reader.ts';
import { sniffAudio } from './sniff.ts';

/** Audio whose first bytes were read. The owner relays or cancels `body`. */
export interface LegacyAudio {
  readonly kind: 'audio';
  readonly head: Uint8Array;
  /** Offset of the head in the whole: 0, unless the legacy service applied the requested range. */
  readonly start: number;
  /** Length of the whole in bytes; null if the legacy service does not say. */
  readonly length: number | null;
  readonly body: LegacyBody;
  /** After the end of the body: whether the audio appears complete, and so may be stored. */
  isIntact(): boolean;
  /** As the legacy service sent them. */
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export type LegacyDownload =
  | LegacyAudio
  | { readonly kind: 'processing'; readonly retryAfter: number | null };

/** Throws LegacyError. */
export async function readDownload(answer: LegacyResponse, format: AudioFormat): Promise<LegacyDownload> {
  const isAudio = answer.status === 200;
  const head = isAudio ? await readAudioHead(answer.body, format) : await readHead(answer.body);
  const found = isAudio ? sniffAudio(head) : null;
  if (found === format) return await toAudio(answer, format, head);
  if (found === 'wav' || found === 'mp3') throw invalidResponse(answer, `${found} instead of ${format}`);
  const failure = await readFailure(answer, { action: 'recording.download', head });
  if (failure?.kind === 'processing') return failure;
  throw failure ? new LegacyError(failure) : invalidResponse(answer, 'success instead of audio');
}

async function toAudio(answer: LegacyResponse, format: AudioFormat, start: Uint8Array): Promise<LegacyAudio> {
  const length = contentLength(answer);
  const whole = { kind: 'audio', start: 0, length, ...passOn(answer) } as const;
  if (length !== null) return { ...whole, head: start, isIntact: () => true };
  const { body } = answer;
  const audio = format === 'wav' ? await readToAudio(body, start) : { head: start, header: null };
  if (audio === null) throw invalidResponse(answer, 'a WAV that ends before its audio');
  const { head, header } = audio;
  return { ...whole, head, ...checkEnding(body, { format, wav: header }, head) };
}

export interface Wanted {
  readonly format: AudioFormat;
  /** The requested range. */
  readonly range: RangeSpec;
}

/** Reads the response to a range; null if it is not credible, so that the whole must be requested. */
export async function readRanged(answer: LegacyResponse, wanted: Wanted): Promise<LegacyDownload | null> {
  if (answer.status !== 206 && answer.status !== 416) return readDownload(answer, wanted.format);
  const part = readPart(answer, wanted.range);
  const head = part && (await answer.body.read());
  // Audio from the middle has no signature. It rarely resembles markup, so that case costs one more request.
  if (head && sniffAudio(head) !== 'xml') {
    return { kind: 'audio', head, ...part, ...passOn(answer), isIntact: () => true };
  }
  await answer.body.cancel();
  return null;
}

function passOn({ headers, body }: LegacyResponse) {
  return { body, etag: headers.get('etag'), lastModified: headers.get('last-modified') };
}
