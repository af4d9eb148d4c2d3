/** Reads the answer to a download: audio, a part of it, or word that it is not there yet. */

import { LegacyError } from '../failure.ts';
import { contentLength, type LegacyBody, type LegacyResponse } from '../transport.ts';
import type { AudioFormat } from '../wire.ts';
import { readPart } from './content-range.ts';
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
  /** As the legacy wrote them. */
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export type LegacyDownload =
  | LegacyAudio
  | { readonly kind: 'processing'; readonly retryAfter: number | null };

/** Throws LegacyError. */
export async function readDownload(answer: LegacyResponse, format: AudioFormat): Promise<LegacyDownload> {
  const head = await readHead(answer.body);
  const found = answer.status === 200 ? sniffAudio(head) : null;
  if (found === format) {
    return { kind: 'audio', head, start: 0, length: contentLength(answer), ...passOn(answer) };
  }
  if (found === 'wav' || found === 'mp3') throw invalidResponse(answer, `${found} instead of ${format}`);
  const failure = await readFailure(answer, { action: 'recording.download', head });
  if (failure?.kind === 'processing') return failure;
  throw failure ? new LegacyError(failure) : invalidResponse(answer, 'success instead of audio');
}

export interface Wanted {
  readonly format: AudioFormat;
  /** The `Range` that was sent along. */
  readonly range: string;
}

/** The same where a range was asked for; null where the answer cannot be believed, and the whole is to be asked for. */
export async function readRanged(answer: LegacyResponse, wanted: Wanted): Promise<LegacyDownload | null> {
  if (answer.status !== 206 && answer.status !== 416) return readDownload(answer, wanted.format);
  const part = readPart(answer, wanted.range);
  const head = part && (await answer.body.read());
  // The middle of audio looks like nothing in particular; that it looks like markup is rare enough to ask again.
  if (head && sniffAudio(head) !== 'xml') return { kind: 'audio', head, ...part, ...passOn(answer) };
  await answer.body.cancel();
  return null;
}

function passOn({ headers, body }: LegacyResponse) {
  return { body, etag: headers.get('etag'), lastModified: headers.get('last-modified') };
}
