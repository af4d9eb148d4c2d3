/** The built files of the panel and the reference on Node: compressed beforehand, and only those that were there at the start. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Assets } from '../ui.ts';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const codings = [
  { name: 'br', extension: '.br' },
  { name: 'gzip', extension: '.gz' },
] as const;

/** Null where nothing was built. */
export function createNodeAssets(directory: string): Assets | null {
  const names = listFiles(directory);
  if (names.size === 0) return null;
  const etags = new Map([...names].map((name) => [name, toEtag(join(directory, name))]));

  return async (request) => {
    const name = new URL(request.url).pathname.slice(1);
    const mediaType = mediaTypes[extname(name)];
    const etag = etags.get(name);
    if (!etag || !mediaType) return new Response(null, { status: 404 });
    const accepted = request.headers.get('Accept-Encoding') ?? '';
    const coding = codings.find(
      ({ name: coding, extension }) => accepts(accepted, coding) && names.has(`${name}${extension}`),
    );
    const headers = new Headers({ ETag: etag, Vary: 'Accept-Encoding', 'Content-Type': mediaType });
    if (request.headers.get('If-None-Match')?.includes(etag))
      return new Response(null, { status: 304, headers });
    const content = await readFile(join(directory, `${name}${coding?.extension ?? ''}`));
    if (coding) headers.set('Content-Encoding', coding.name);
    headers.set('Content-Length', String(content.length));
    return new Response(content, { headers });
  };
}

function listFiles(directory: string): ReadonlySet<string> {
  try {
    return new Set(readdirSync(directory, { recursive: true, encoding: 'utf8' }));
  } catch {
    return new Set();
  }
}

/** Weak: the same content goes out in several codings. */
function toEtag(path: string): string {
  if (extname(path) === '') return '';
  return `W/"${createHash('sha256').update(readFileSync(path)).digest('base64url').slice(0, 16)}"`;
}

/** RFC 9110 section 12.5.3, for codings that are named; `*` names none. */
function accepts(header: string, coding: string): boolean {
  return header.split(',').some((part) => {
    const [name, weight] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*q=/);
    return name === coding && Number(weight ?? 1) > 0;
  });
}
