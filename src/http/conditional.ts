/** Conditional requests: whether to answer, and whether a range may be cut (RFC 9110, sections 13 and 8.8). */
import { parseHttpDate } from './date.ts';

export interface RequestHeaders {
  get(name: string): string | null;
}

/** What is known of the representation that would be sent. */
export interface Validators {
  /** As it is written in `ETag`, quotes and `W/` included. */
  readonly etag: string | null;
  readonly lastModified: Date | null;
}

export type Verdict = 'proceed' | 'not-modified' | 'precondition-failed';

/** The preconditions of a request for something that exists, in the order of section 13.2.2. */
export function evaluateConditions(headers: RequestHeaders, validators: Validators, method: string): Verdict {
  const { etag, lastModified } = validators;
  const ifMatch = headers.get('if-match');
  const holds =
    ifMatch === null
      ? isModifiedSince(headers.get('if-unmodified-since'), lastModified) !== true
      : names(ifMatch, (tag) => isSameStrong(tag, etag));
  if (!holds) return 'precondition-failed';

  const isRead = method === 'GET' || method === 'HEAD';
  const ifNoneMatch = headers.get('if-none-match');
  const isKnown =
    ifNoneMatch === null
      ? isRead && isModifiedSince(headers.get('if-modified-since'), lastModified) === false
      : names(ifNoneMatch, (tag) => isSameWeak(tag, etag));
  if (!isKnown) return 'proceed';
  return isRead ? 'not-modified' : 'precondition-failed';
}

/** Whether a `Range` counts: with GET alone (14.2), and only where `If-Range` holds (13.1.5). */
export function rangeApplies(headers: RequestHeaders, validators: Validators, method: string): boolean {
  if (method !== 'GET') return false;
  const { etag, lastModified } = validators;
  const ifRange = headers.get('if-range');
  if (ifRange === null || isSameStrong(ifRange, etag)) return true;
  // A date has no better than the second for a resolution: it vouches for bytes only where a strong tag does (8.8.2.2).
  const date = isStrong(etag) ? parseHttpDate(ifRange) : null;
  return date !== null && lastModified !== null && date.getTime() === toFullSecond(lastModified);
}

/** Whether a tag vouches for every byte (8.8.1). */
export function isStrong(etag: string | null): etag is string {
  return etag?.startsWith('"') ?? false;
}

// Any visible character but the quote, and what is beyond ASCII (8.8.3).
const entityTag = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/** Whether a list of tags names the representation, as `*` does any. A list that is malformed in part names nothing. */
function names(list: string, isSame: (tag: string) => boolean): boolean {
  if (list === '*') return true;
  const isList = /^[ \t,]*$/.test(list.replaceAll(entityTag, ''));
  return isList && (list.match(entityTag) ?? []).some(isSame);
}

/** The strong comparison of section 8.8.3.2: a weak tag is the same as nothing, not even as itself. */
function isSameStrong(tag: string | null, etag: string | null): boolean {
  return tag === etag && isStrong(tag);
}

function isSameWeak(tag: string, etag: string | null): boolean {
  return etag !== null && tag.replace(/^W\//, '') === etag.replace(/^W\//, '');
}

/** Null where either date is missing, or the header's is none: the precondition is to be ignored then. */
function isModifiedSince(header: string | null, lastModified: Date | null): boolean | null {
  const date = header === null ? null : parseHttpDate(header);
  return date === null || lastModified === null ? null : toFullSecond(lastModified) > date.getTime();
}

/** A date on the wire has no fractions. */
function toFullSecond(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000;
}
