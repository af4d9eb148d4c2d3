/** The operator's contact and license in the document. */

/** `info.contact`. */
export type Contact = { readonly email: string } | { readonly url: string };

/** `info.license`. */
export interface License {
  readonly name: string;
  readonly url?: string;
}

/** Reads an email address or an https URL. Throws if it is neither. */
export function parseContact(text: string): Contact {
  if (/^[^\s@<>]+@[^\s@<>]+$/.test(text)) return { email: text };
  if (isHttps(text)) return { url: text };
  throw new Error('must be an email address or an https URL');
}

/** Reads `NAME` or `NAME https://…`. Throws if the name is missing or has braces. */
export function parseLicense(text: string): License {
  const [, name, url] = /^([\w .,()+-]+?)(?: (https:\S+))?$/.exec(text) ?? [];
  if (!name || (url && !isHttps(url))) throw new Error('must be a name, which an https URL may follow');
  return url ? { name, url } : { name };
}

function isHttps(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:';
}
