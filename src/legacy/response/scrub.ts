/** Takes everything out of the legacy's words that nobody else may see. */
import type { LegacyCredentials } from '../wire.ts';

/** In characters. */
const maxDescription = 200;

/** So much of a key in a row is a part of it and no chance. In characters; a shorter key counts as a whole. */
const telling = 8;

const redacted = '[redacted]';

/** Keys in every form in which a server may give them back, parts of them, addresses, and whatever is shaped like a key. */
export function scrub(description: string, credentials: LegacyCredentials): string {
  return (
    redact(description, toPieces(credentials))
      .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '[address]')
      // Without a host, as PHP's messages and a request that is quoted have it.
      .replace(/\S*\.php\b\S*|\/\S*\?\S*=\S*/gi, '[address]')
      .replace(/\b(\w*key)\s*[=:]\s*\S+/gi, '$1=[redacted]')
      // A sid has some sixteen digits, a word of the legacy's fewer letters: what is longer is no word.
      .replace(/[\w+/=%-]{24,}/g, redacted)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
      .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
      .trim()
      .slice(0, maxDescription)
  );
}

/** Whether a text has a part of a key in it, in any form. */
export function holdsKey(text: string, credentials: LegacyCredentials): boolean {
  return redact(text, toPieces(credentials)) !== text;
}

type Pieces = ReadonlyMap<number, ReadonlySet<string>>;

/** By their length, and in lower case. */
function toPieces({ accessKey, secretAccessKey }: LegacyCredentials): Pieces {
  const pieces = new Map<number, Set<string>>();
  const pair = `${accessKey}:${secretAccessKey}`;
  for (const form of [accessKey, secretAccessKey, pair].flatMap(toForms)) {
    const length = Math.min(form.length, telling);
    const known = pieces.get(length) ?? new Set();
    pieces.set(length, known);
    for (let at = 0; at + length <= form.length; at += 1) known.add(toLower(form.slice(at, at + length)));
  }
  // An empty text is found everywhere.
  pieces.delete(0);
  return pieces;
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

/** Every run of characters that pieces cover, however they overlap. */
function redact(text: string, pieces: Pieces): string {
  const lower = toLower(text);
  let clean = '';
  let at = 0;
  let end = 0;
  for (let from = 0; from < text.length; from += 1) {
    for (const [length, known] of pieces) {
      if (known.has(lower.slice(from, from + length))) end = Math.max(end, from + length);
    }
    if (end <= from) continue;
    if (at < from || from === 0) clean += text.slice(at, from) + redacted;
    at = end;
  }
  return clean + text.slice(at);
}

/** Of ASCII alone, so that nothing changes its length. */
function toLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
