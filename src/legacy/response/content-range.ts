/** Reads a 206 of the legacy service, and accepts only the requested part (RFC 9110, sections 14.4 and 15.3.7). */
import { type RangeSpec, resolveRange } from '../../http/range.ts';
import type { LegacyResponse } from '../transport.ts';

export interface Part {
  /** Offset of its first byte in the whole. */
  readonly start: number;
  /** Length of the whole, in bytes. */
  readonly length: number;
}

/** Null for any other part than the requested one, for one of unknown position or length, and for several parts. */
export function readPart({ status, headers }: LegacyResponse, asked: RangeSpec): Part | null {
  const parts = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/i.exec(headers.get('content-range') ?? '');
  if (status !== 206 || !parts) return null;
  const [start = 0, last = 0, length = 0] = parts.slice(1).map(Number);
  const wanted = resolveRange(asked, { length });
  const isWanted =
    wanted !== null && wanted !== 'unsatisfiable' && wanted.start === start && wanted.end === last + 1;
  if (!isWanted) return null;
  const declared = headers.get('content-length');
  const isWhole = declared === null || declared === String(last + 1 - start);
  const isPlain = /^(?:identity)?$/i.test(headers.get('content-encoding') ?? '');
  const isOne = !/^multipart\//i.test(headers.get('content-type') ?? '');
  return isWhole && isPlain && isOne ? { start, length } : null;
}
