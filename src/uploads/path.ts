/** Paths that the legacy service may fetch audio from: a public URL, or a plain path as on the vendor's page. */
import { z } from '@hono/zod-openapi';

/** In characters: presigned URLs carry their policy and a session token. */
const maxPath = 8000;

export const PathSchema = z
  .string()
  .min(1, 'must not be empty')
  .max(maxPath, `must have at most ${maxPath} characters`)
  .superRefine((path, context) => {
    const fault = path === '' ? null : findFault(path);
    if (fault) context.addIssue({ code: 'custom', message: fault });
  })
  .openapi({
    description:
      'A public `http` or `https` URL of the audio, or a plain absolute path, without credentials.',
    example: 'https://media.example.com/greeting.wav',
  });

/**
 * The path as sent to the legacy service. A URL is sent in the spelling that was checked, because parsers disagree on
 * rare spellings.
 */
export function toSentPath(path: string): string {
  return path.startsWith('/') ? path : new URL(path).href;
}

/** Whether a URL's host is plain ASCII without escapes, so that every parser reads the same host. */
export function hasPlainHost(url: string): boolean {
  return /^https?:\/\/(?:[\w.-]+|\[[\da-f:.]+\])(?::\d*)?(?:[/?#]|$)/i.test(url);
}

function findFault(path: string): string | null {
  if (/[\s\p{Cc}]/u.test(path)) return 'must have no white space or control characters';
  // A lone surrogate, or a replacement for bytes that were not UTF-8: the legacy service would get another path.
  if (/[\p{Cs}\ufffd]/u.test(path)) return 'must be well-formed Unicode';
  if (path.includes('\\')) return 'must have no backslashes';
  if (path.startsWith('//')) return 'must not be a network path; write https://…';
  if (path.startsWith('/')) return null;
  const url = URL.canParse(path) ? new URL(path) : null;
  if (!url || !/^https?:\/\/[^/]/i.test(path)) return 'must be an http or https URL, or an absolute path';
  if (url.username || url.password || /^https?:\/\/[^/?#]*@/i.test(path))
    return 'must have no credentials in it';
  if (!hasPlainHost(path)) return 'must have a host in ASCII without escapes; write others as xn--…';
  return null;
}
