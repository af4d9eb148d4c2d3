/** Conditional requests: whether to send the body, and whether a range applies (RFC 9110, sections 13 and 8.8). */
import { parseHttpDate } from './date.ts';

export interface RequestHeaders {
  get(name: string): string | null;
}

/** Validators of the representation that would be sent. */
export interface Validators {
  /** As written in `ETag`, with quotes and `W/`. */
  readonly etag: string | null;
  readonly lastModified: Date | null;
}

export type Verdict = 'proceed' | 'not-modified' | 'precondition-failed';

/** The preconditions of a request for an existing representation, in the order of section 13.2.2. */
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

/** Whether `Range` applies: to GET only (14.2), and only if `If-Range` matches (13.1.5). */
export function rangeApplies(headers: RequestHeaders, validators: Validators, method: string): boolean {
  if (method !== 'GET') return false;
  const { etag, lastModified } = validators;
  const ifRange = headers.get('if-range');
  if (ifRange === null || isSameStrong(ifRange, etag)) return true;
  // A date has a resolution of one second, so it identifies bytes only beside a strong tag (8.8.2.2).
  const date = isStrong(etag) ? parseHttpDate(ifRange) : null;
  return date !== null && lastModified !== null && date.getTime() === toFullSecond(lastModified);
}

/** Whether a tag identifies every byte (8.8.1). */
export function isStrong(etag: string | null): etag is string {
  return etag?.startsWith('"') ?? false;
}

// Any visible character except the quote, and characters beyond ASCII (8.8.3).
const entityTag = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/** Whether a list of tags names the representation, as `*` names any. A list that is malformed in part names none. */
function names(list: string, isSame: (tag: string) => boolean): boolean {
  if (list === '*') return true;
  const isList = /^[ \t,]*$/.test(list.replaceAll(entityTag, ''));
  return isList && (list.match(entityTag) ?? []).some(isSame);
}

/** The strong comparison of section 8.8.3.2: a weak tag matches nothing, not even itself. */
function isSameStrong(tag: string | null, etag: string | null): boolean {
  return tag === etag && isStrong(tag);
}

function isSameWeak(tag: string, etag: string | null): boolean {
  return etag !== null && tag.replace(/^W\//, '') === etag.replace(/^W\//, '');
}

/** Null if either date is missing or the header's is invalid: the precondition is then ignored. */
function isModifiedSince(header: string | null, lastModified: Date | null): boolean | null {
  const date = header === null ? null : parseHttpDate(header);
  return date === null || lastModified === null ? null : toFullSecond(lastModified) > date.getTime();
}

/** HTTP dates have no fractions of a second. */
function toFullSecond(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000;
}
