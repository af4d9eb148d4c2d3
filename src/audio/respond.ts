/** Responds with audio: conditions, ranges and headers by RFC 9110, sections 13 and 14. */

import {
  evaluateConditions,
  isStrong,
  type RequestHeaders,
  rangeApplies,
  type Validators,
} from '../http/conditional.ts';
import {
  type Extent,
  type RangeSpec,
  resolveRange,
  toContentRange,
  toUnsatisfiedRange,
} from '../http/range.ts';
import { Problem } from '../problem/problem.ts';
import { type AudioFormat, formats } from './formats.ts';
import type { AudioSource } from './source.ts';

export interface AudioRequest {
  readonly method: string;
  readonly headers: RequestHeaders;
  /** The parsed `Range`; null if it is absent or ignored. */
  readonly range: RangeSpec | null;
  readonly sid: string;
  readonly format: AudioFormat;
  /** Whether to send an attachment. */
  readonly download: boolean;
}

/** Opens or closes the source. Throws Problem if a precondition fails, or the range starts past the end. */
export async function respondWithAudio(source: AudioSource, request: AudioRequest): Promise<Response> {
  const { extent, validators } = source;
  const { method } = request;
  const always = toCacheHeaders(validators);

  const verdict = evaluateConditions(request.headers, validators, method);
  if (verdict !== 'proceed') await source.close();
  if (verdict === 'not-modified') return new Response(null, { status: 304, headers: always });
  if (verdict === 'precondition-failed') {
    throw new Problem('precondition-failed', {
      detail: 'The audio does not meet the conditions of the request.',
    });
  }

  const length = 'length' in extent ? extent.length : null;
  const range = toRange(request, source);
  if (range === 'unsatisfiable') {
    await source.close();
    throw new Problem('range-not-satisfiable', {
      detail: `The audio has ${length} bytes.`,
      headers: [['Content-Range', toUnsatisfiedRange(length ?? 0)]],
    });
  }

  const headers = new Headers([...always, ...toAudioHeaders(request, extent)]);
  const size = range ? range.end - range.start : length;
  if (size !== null) headers.set('Content-Length', String(size));
  if (range) headers.set('Content-Range', toContentRange(range, length));
  if (method === 'HEAD') {
    // Hono handles HEAD with the handler of GET, and drops the body without cancelling it.
    await source.close();
    return new Response(null, { headers });
  }
  return new Response(await source.open(range), { status: range ? 206 : 200, headers });
}

function toRange({ method, headers, range }: AudioRequest, { extent, validators }: AudioSource) {
  return range && rangeApplies(headers, validators, method) ? resolveRange(range, extent) : null;
}

/** Headers that a 304 has too (section 15.4.5). */
function toCacheHeaders({ etag, lastModified }: Validators): [string, string][] {
  // Without a strong tag, clients cannot tell whether stored audio is still the same, byte for byte.
  const headers: [string, string][] = [
    ['Cache-Control', isStrong(etag) ? 'private, no-cache' : 'private, no-store'],
    ['Vary', 'Accept'],
  ];
  if (etag !== null) headers.push(['ETag', etag]);
  if (lastModified !== null) headers.push(['Last-Modified', lastModified.toUTCString()]);
  return headers;
}

function toAudioHeaders({ sid, format, download }: AudioRequest, extent: Extent): [string, string][] {
  const headers: [string, string][] = [
    ['Content-Type', formats[format].mediaType],
    [
      'Content-Disposition',
      `${download ? 'attachment' : 'inline'}; filename="${sid}.${formats[format].extension}"`,
    ],
  ];
  // With an unknown length, most ranges cannot be stated.
  if ('length' in extent) headers.push(['Accept-Ranges', 'bytes']);
  return headers;
}
