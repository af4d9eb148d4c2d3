/** The `Range` of a request, and what it comes to for a body of a given length (RFC 9110, section 14). */

/** One `bytes` range as it was asked for: from `first` to `last`, both included, or the last `suffix` bytes. */
export type RangeSpec = { readonly first: number; readonly last: number } | { readonly suffix: number };

/** The bytes from `start` up to, but not including, `end`. Never empty. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A body's length; or, where nobody said it, how many bytes are certain to be there. */
export type Extent = { readonly length: number } | { readonly atLeast: number };

// One range, and the empty elements and white space that the list rule grants beside it (5.6.1.2).
const oneRange = /^bytes=(?:(?:[ \t]*,)+[ \t]*)?(\d*)-(\d*)(?:[ \t]*,)*[ \t]*$/i;

/**
 * What a `Range` asks for; an open or enormous end is Infinity. Null where it is to be ignored: another unit (14.2),
 * malformed or reversed (14.1.1), or several ranges, which are answered whole.
 */
export function parseRange(header: string | null | undefined): RangeSpec | null {
  const [, first = '', last = ''] = oneRange.exec(header ?? '') ?? [];
  if (first === '') return last === '' ? null : { suffix: Number(last) };
  const spec = { first: Number(first), last: last === '' ? Number.POSITIVE_INFINITY : Number(last) };
  return spec.first <= spec.last ? spec : null;
}

/** A range as a request writes it; the inverse of `parseRange`. */
export function toRangeHeader(spec: RangeSpec): string {
  if ('suffix' in spec) return `bytes=-${spec.suffix}`;
  return `bytes=${spec.first}-${Number.isFinite(spec.last) ? spec.last : ''}`;
}

/** The bytes to send; null where the body is to be sent whole, because the range cannot be stated with certainty. */
export function resolveRange(spec: RangeSpec, extent: Extent): ByteRange | 'unsatisfiable' | null {
  if ('atLeast' in extent) {
    const isCertain = 'last' in spec && spec.last < extent.atLeast;
    return isCertain ? { start: spec.first, end: spec.last + 1 } : null;
  }
  const { length } = extent;
  if ('suffix' in spec) {
    if (spec.suffix === 0) return 'unsatisfiable';
    // Satisfiable by 14.1.2, but an empty range cannot be written as a Content-Range.
    return length === 0 ? null : { start: Math.max(0, length - spec.suffix), end: length };
  }
  if (spec.first >= length) return 'unsatisfiable';
  return { start: spec.first, end: Math.min(spec.last + 1, length) };
}

/** Of a 206, with the length of the whole; null where nobody said it (14.4). */
export function toContentRange({ start, end }: ByteRange, length: number | null): string {
  return `bytes ${start}-${end - 1}/${length ?? '*'}`;
}

/** Of a 416 (15.5.17). */
export function toUnsatisfiedRange(length: number): string {
  return `bytes */${length}`;
}
