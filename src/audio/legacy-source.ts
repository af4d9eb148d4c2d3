/** Audio from the legacy service; a range is cut out of the stream. */

import { type RequestHeaders, rangeApplies, type Validators } from '../http/conditional.ts';
import { parseHttpDate } from '../http/date.ts';
import type { ByteRange, RangeSpec } from '../http/range.ts';
import { LegacyError } from '../legacy/failure.ts';
import type { LegacyAudio } from '../legacy/response/download.ts';
import { ShortBodyError } from '../legacy/transport.ts';
import { Problem } from '../problem/problem.ts';
import type { AudioSource } from './source.ts';

export interface LegacySourceOptions {
  /** Separates the formats of one recording, which may share a single ETag at the legacy service. */
  readonly variant: string;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
  /** Called before this many bytes are fetched and discarded; an error that it throws rejects the range. */
  readonly onSkip?: (bytes: number) => void;
}

export interface LegacySource extends AudioSource {
  /** Whether opening this range discards bytes, because the legacy service ignores ranges. */
  skips(range: ByteRange | null): boolean;
  /** At the end of the stream: whether the audio may be stored. */
  isIntact(): boolean;
}

export function createLegacySource(audio: LegacyAudio, options: LegacySourceOptions): LegacySource {
  const { body, head, start, length } = audio;
  const toOffset = (range: ByteRange | null) => (range?.start ?? 0) - start;
  return {
    extent: length === null ? { atLeast: head.length } : { length },
    validators: toValidators(audio, options.variant),
    isIntact: audio.isIntact,
    skips: (range) => toOffset(range) > head.length,
    async open(range) {
      const from = range?.start ?? 0;
      const end = range?.end ?? length;
      const offset = toOffset(range);
      const isHere = offset < head.length;
      const first = isHere ? head.subarray(offset) : await reach(audio, offset - head.length, options);
      return body.relay({ head: first, length: end === null ? null : end - from });
    },
    close: () => body.cancel(),
  };
}

/** Skips to the range and reads its first bytes; only then is it certain that the range exists. */
async function reach(
  { body }: LegacyAudio,
  bytes: number,
  { signal, onSkip }: LegacySourceOptions,
): Promise<Uint8Array> {
  try {
    onSkip?.(bytes);
    await body.skip(bytes);
    const next = await body.read();
    if (next) return next;
    throw new ShortBodyError();
  } catch (cause) {
    await body.cancel();
    if (signal.aborted) throw new LegacyError({ kind: 'abandoned' }, { cause });
    if (cause instanceof LegacyError || cause instanceof Problem) throw cause;
    if (!(cause instanceof ShortBodyError)) throw new LegacyError({ kind: 'unreachable' }, { cause });
    throw new LegacyError({ kind: 'invalid-response', status: 200, reason: 'less audio than announced' });
  }
}

/**
 * The range to pass to the legacy service: only one that skips the beginning, since ending early costs nothing. With
 * If-Range, a range requires a strong tag, which the legacy service does not have (RFC 9110, section 13.1.5).
 */
export function toLegacyRange(spec: RangeSpec | null, headers: RequestHeaders): RangeSpec | null {
  if (!spec || !rangeApplies(headers, { etag: null, lastModified: null }, 'GET')) return null;
  if ('suffix' in spec) return spec.suffix > 0 && isExact(spec.suffix) ? spec : null;
  if (spec.first === 0 || !isExact(spec.first)) return null;
  return { first: spec.first, last: isExact(spec.last) ? spec.last : Number.POSITIVE_INFINITY };
}

/** Larger numbers would not be accepted in the Content-Range of the response. */
function isExact(bytes: number): boolean {
  return bytes < 1e15;
}

/** The legacy service's ETag, if it sends one. Its guarantees are undocumented, so it becomes a weak tag. */
function toValidators({ etag, lastModified }: LegacyAudio, variant: string): Validators {
  const [, tag] = /^(?:W\/)?"([\x21\x23-\x7e]{1,200})"$/.exec(etag ?? '') ?? [];
  const date = lastModified === null ? null : parseHttpDate(lastModified);
  // A date in the future is ignored (RFC 9110, section 8.8.2.1).
  const isPast = date !== null && date.getTime() <= Date.now();
  return { etag: tag ? `W/"${variant}-${tag}"` : null, lastModified: isPast ? date : null };
}
