/** Removes credentials and addresses from the legacy service's descriptions before clients see them. */
import type { LegacyCredentials } from '../wire.ts';

/** In characters: the longest description that clients see. */
const maxDescription = 200;

/**
 * In characters: how much of a description is read. It may have 64 KiB and be hostile, and scrubbing must not block
 * the event loop.
 */
const maxRead = 1000;

/** A match of this many characters is treated as a leaked fragment of a key; a shorter key counts as a whole. */
const fragmentLength = 8;

const redacted = '[redacted]';
const address = '[address]';

/**
 * Removes keys in every form in which a server may echo them, fragments of keys, addresses, and any text that
 * resembles a key.
 */
export function scrub(description: string, credentials: LegacyCredentials): string {
  const cut = cutAtWord(description);
  // A key that crosses the cut is found by its fragments, the last of which ends after the cut.
  const words = redact(description.slice(0, cut + fragmentLength), toFragments(credentials), cut);
  return (
    words
      .replace(/\S+/g, hideAddress)
      .replace(/\b(\w*key)\s*[=:]\s*\S+/gi, '$1=[redacted]')
      // A sid has about sixteen digits and words have fewer letters, so a longer run is neither.
      .replace(/[\w+/=%-]{24,}/g, redacted)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
      .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
      .trim()
      .slice(0, maxDescription)
  );
}

/** Cuts at the last white space within the limit: half an address or half a key is harder to recognise. */
function cutAtWord(text: string): number {
  if (text.length <= maxRead) return text.length;
  const lastSpace = text.slice(0, maxRead + 1).search(/\s\S*$/);
  return lastSpace < 0 ? maxRead : lastSpace;
}

/**
 * Removes the address from a word. Searches instead of matching `\S*` around a literal, which takes quadratic or
 * cubic time.
 */
function hideAddress(word: string): string {
  const scheme = word.indexOf('://');
  if (scheme >= 0) return word.slice(0, startOfScheme(word, scheme)) + address;
  // Paths without a host, as in PHP's messages and in a quoted request.
  if (/\.php\b/i.test(word)) return address;
  return word.replace(/^([^/]*)\/[^?]*\?[^=]*=.*/s, `$1${address}`);
}

function startOfScheme(word: string, end: number): number {
  let start = end;
  while (/[a-z0-9+.-]/i.test(word.charAt(start - 1))) start -= 1;
  return start;
}

/** Whether a text contains a fragment of a key, in any form. */
export function holdsKey(text: string, credentials: LegacyCredentials): boolean {
  return redact(text, toFragments(credentials), text.length) !== text;
}

type Fragments = ReadonlyMap<number, ReadonlySet<string>>;

/** By length, in lower case. */
function toFragments({ accessKey, secretAccessKey }: LegacyCredentials): Fragments {
  const fragments = new Map<number, Set<string>>();
  const pair = `${accessKey}:${secretAccessKey}`;
  for (const form of [accessKey, secretAccessKey, pair].filter(isKey).flatMap(toForms)) {
    const length = Math.min(form.length, fragmentLength);
    const known = fragments.get(length) ?? new Set();
    fragments.set(length, known);
    for (let at = 0; at + length <= form.length; at += 1) known.add(toLower(form.slice(at, at + length)));
  }
  return fragments;
}

/** Without keys, the Basic pair is a lone colon. */
function isKey(text: string): boolean {
  return text !== '' && text !== ':';
}

function toForms(key: string): string[] {
  const encoded = encodeURIComponent(key);
  const form = new URLSearchParams({ key }).toString().slice('key='.length);
  const html = key
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  const bytes = String.fromCharCode(...new TextEncoder().encode(key));
  const base64 = btoa(bytes);
  const base64url = base64.replaceAll('+', '-').replaceAll('/', '_');
  return [key, encoded, encodeURIComponent(encoded), form, html, bytes, base64, base64url];
}

/** Replaces every run of characters that fragments cover, overlapping or not, in the text up to `cut`. */
function redact(text: string, fragments: Fragments, cut: number): string {
  const lower = toLower(text);
  let clean = '';
  let end = 0;
  let isRun = false;
  for (let from = 0; from < cut; from += 1) {
    for (const [length, known] of fragments) {
      if (known.has(lower.slice(from, from + length))) end = Math.max(end, from + length);
    }
    const isCovered = from < end;
    if (!isCovered) clean += text.charAt(from);
    else if (!isRun) clean += redacted;
    isRun = isCovered;
  }
  return clean;
}

/** Changes ASCII letters only, which keeps the length. */
function toLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
