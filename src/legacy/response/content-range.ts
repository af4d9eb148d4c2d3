/** A 206 of the legacy service: believed only where it is exactly what was asked for (RFC 9110, sections 14.4 and 15.3.7). */
import type { LegacyResponse } from '../transport.ts';

export interface Part {
  /** Of its first byte in the whole. */
  readonly start: number;
  /** Of the whole, in bytes. */
  readonly length: number;
}

/** `asked` is one range as it was sent. Null for any other part, one of unknown place or length, or several in one. */
export function readPart({ status, headers }: LegacyResponse, asked: string): Part | null {
  const [, first, last, length] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/i.exec(headers.get('content-range') ?? '') ?? [];
  const part = { start: Number(first), end: Number(last) + 1, length: Number(length) };
  const wanted = toWanted(asked, part.length);
  const isWanted = wanted?.start === part.start && wanted.end === part.end && part.start < part.end;
  if (status !== 206 || !isWanted) return null;
  const declared = headers.get('content-length');
  const isWhole = declared === null || declared === String(part.end - part.start);
  const isPlain = /^(?:identity)?$/i.test(headers.get('content-encoding') ?? '');
  const isOne = !/^multipart\//i.test(headers.get('content-type') ?? '');
  return isWhole && isPlain && isOne ? { start: part.start, length: part.length } : null;
}

/** `bytes=1-2`, `bytes=1-` or `bytes=-2` of a whole; NaN for a length fits nothing. */
function toWanted(asked: string, length: number): { start: number; end: number } | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(asked) ?? [];
  if (first !== '') return { start: Number(first), end: Math.min(last ? Number(last) + 1 : length, length) };
  return last === '' ? null : { start: Math.max(0, length - Number(last)), end: length };
}
