/** Takes everything out of the legacy's words that nobody else may see. */
import type { LegacyCredentials } from './wire.ts';

/** In characters. */
const maxDescription = 200;

/** Keys in every form in which a server may give them back, addresses, and whatever is shaped like a key. */
export function scrub(description: string, credentials: LegacyCredentials): string {
  let text = description;
  // An empty text is found everywhere, as often as you look.
  const keys = Object.values(credentials).filter((key: string) => key !== '');
  for (const form of keys.flatMap(toForms)) text = text.replaceAll(form, '[redacted]');
  return (
    text
      .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '[address]')
      .replace(/\b(\w*key)\s*[=:]\s*\S+/gi, '$1=[redacted]')
      // A sid has some sixteen digits, a word of the legacy's fewer letters: what is longer is no word.
      .replace(/[\w+/=%-]{24,}/g, '[redacted]')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
      .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
      .trim()
      .slice(0, maxDescription)
  );
}

function toForms(key: string): string[] {
  const encoded = encodeURIComponent(key);
  const form = new URLSearchParams({ key }).toString().slice('key='.length);
  const html = key
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(key)));
  // The longest first: a form may contain another one.
  return [base64, html, form, encoded, encoded.toLowerCase(), key].sort((a, b) => b.length - a.length);
}
