/** Reads `Range`, and resolves it against the length of a body (RFC 9110, section 14). */

/** One requested `bytes` range: from `first` to `last`, both included, or the last `suffix` bytes. */
export type RangeSpec = { readonly first: number; readonly last: number } | { readonly suffix: number };

/** The bytes from `start` up to but excluding `end`. Never empty. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A body's length; or, if that is unknown, the number of bytes that certainly exist. */
export type Extent = { readonly length: number } | { readonly atLeast: number };

// One range, with the empty elements and white space that the list rule allows (5.6.1.2).
const oneRange = /^bytes=(?:(?:[ \t]*,)+[ \t]*)?(\d*)-(\d*)(?:[ \t]*,)*[ \t]*$/i;

/**
 * An open or enormous end becomes Infinity. Null if the header is ignored: another unit (14.2), malformed or reversed
 * (14.1.1), or several ranges, which get the whole body.
 */
export function parseRange(header: string | null | undefined): RangeSpec | null {
  const [, first = '', last = ''] = oneRange.exec(header ?? '') ?? [];
  if (first === '') return last === '' ? null : { suffix: Number(last) };
  const spec = { first: Number(first), last: last === '' ? Number.POSITIVE_INFINITY : Number(last) };
  return spec.first <= spec.last ? spec : null;
}

/** Writes a range as a request header; the inverse of `parseRange`. */
export function toRangeHeader(spec: RangeSpec): string {
  if ('suffix' in spec) return `bytes=-${toDigits(spec.suffix)}`;
  return `bytes=${toDigits(spec.first)}-${Number.isFinite(spec.last) ? toDigits(spec.last) : ''}`;
}

/** No body is longer, and greater numbers would be written as `1e+21` or `Infinity`. */
function toDigits(position: number): string {
  return String(Math.min(position, Number.MAX_SAFE_INTEGER));
}

/** The bytes to send; null to send the whole body, because the range cannot be stated with certainty. */
export function resolveRange(spec: RangeSpec, extent: Extent): ByteRange | 'unsatisfiable' | null {
  if ('atLeast' in extent) {
    const isCertain = 'last' in spec && spec.last < extent.atLeast;
    return isCertain ? { start: spec.first, end: spec.last + 1 } : null;
  }
  const { length } = extent;
  if ('suffix' in spec) {
    if (spec.suffix === 0) return 'unsatisfiable';
    // Satisfiable by 14.1.2, but Content-Range cannot express an empty range.
    return length === 0 ? null : { start: Math.max(0, length - spec.suffix), end: length };
  }
  if (spec.first >= length) return 'unsatisfiable';
  return { start: spec.first, end: Math.min(spec.last + 1, length) };
}

/** For a 206, with the length of the whole; null if it is unknown (14.4). */
export function toContentRange({ start, end }: ByteRange, length: number | null): string {
  return `bytes ${start}-${end - 1}/${length ?? '*'}`;
}

/** For a 416 (15.5.17). */
export function toUnsatisfiedRange(length: number): string {
  return `bytes */${length}`;
}
