/** Reads the answer to a download: audio, a part of it, or word that it is not there yet. */

import type { RangeSpec } from '../../http/range.ts';
import { LegacyError } from '../failure.ts';
import { contentLength, type LegacyBody, type LegacyResponse } from '../transport.ts';
import type { AudioFormat } from '../wire.ts';
import { readAudioHead, readToAudio } from './audio-head.ts';
import { readPart } from './content-range.ts';
import { checkEnding } from './ending.ts';
import { invalidResponse, readFailure, readHead } from './response-reader.ts';
import { sniffAudio } from './sniff.ts';

/** Audio on its way, its first bytes looked at. Whoever takes it relays `body` or cancels it. */
export interface LegacyAudio {
  readonly kind: 'audio';
  readonly head: Uint8Array;
  /** Where in the whole the head begins: 0, unless the legacy itself cut the range that it was asked for. */
  readonly start: number;
  /** Of the whole, in bytes; null where the legacy does not say. */
  readonly length: number | null;
  readonly body: LegacyBody;
  /** After the end of the body: whether nothing speaks against its being whole. Only then may it be stored. */
  isIntact(): boolean;
  /** As the legacy wrote them. */
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
  const { head, header } = format === 'wav' ? await readToAudio(body, start) : { head: start, header: null };
  return { ...whole, head, ...checkEnding(body, { format, wav: header }, head) };
}

export interface Wanted {
  readonly format: AudioFormat;
  /** The range that was sent along. */
  readonly range: RangeSpec;
}

/** The same where a range was asked for; null where the answer cannot be believed, and the whole is to be asked for. */
export async function readRanged(answer: LegacyResponse, wanted: Wanted): Promise<LegacyDownload | null> {
  if (answer.status !== 206 && answer.status !== 416) return readDownload(answer, wanted.format);
  const part = readPart(answer, wanted.range);
  const head = part && (await answer.body.read());
  // The middle of audio looks like nothing in particular; that it looks like markup is rare enough to ask again.
  if (head && sniffAudio(head) !== 'xml') {
    return { kind: 'audio', head, ...part, ...passOn(answer), isIntact: () => true };
  }
  await answer.body.cancel();
  return null;
}

function passOn({ headers, body }: LegacyResponse) {
  return { body, etag: headers.get('etag'), lastModified: headers.get('last-modified') };
}
