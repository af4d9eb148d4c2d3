/** The audio in a request's body: the body itself, or the one file of an HTML form. */
import type { CorsOrigins } from '../http/origins.ts';
import { Problem } from '../problem/problem.ts';
import { type Incoming, openBody } from './body-reader.ts';
import { type StagedFormat, toStagedFormat, uploadMediaTypes } from './declared-audio.ts';
import { formOverhead, openFormFile } from './form.ts';

export const formMediaType = 'multipart/form-data';

export interface UploadBody {
  readonly format: StagedFormat;
  readonly incoming: Incoming;
}

export interface UploadBodyOptions {
  /** The largest file, in bytes. */
  readonly limit: number;
  readonly corsOrigins: CorsOrigins | null;
  /** Whether a browser may have added the credentials by itself, as it does with those of Basic. */
  readonly isBasic: boolean;
}

/** Reads no more than it takes to know the format. Throws Problem or StagingError. */
export async function openUploadBody(request: Request, options: UploadBodyOptions): Promise<UploadBody> {
  const { headers } = request;
  refuseEncoded(headers);
  const { limit, isBasic, corsOrigins } = options;
  const contentType = headers.get('Content-Type') ?? '';
  if (!isForm(contentType)) {
    return { format: toFormat(contentType, 'The body'), incoming: openBody(request, limit) };
  }
  if (isBasic) refuseCrossSite(request, corsOrigins);
  const form = openBody(request, limit + formOverhead);
  const file = await openFormFile(form.reader, { contentType, limit });
  const format = toFormat(file.contentType, "The form's file");
  return { format, incoming: { reader: file.reader, length: null } };
}

function isForm(contentType: string): boolean {
  const [name = ''] = contentType.split(';');
  return name.trim().toLowerCase() === formMediaType;
}

/** RFC 9110 section 15.5.16: a coding that is not taken is a 415 as well, and `Accept-Encoding` says which are. */
function refuseEncoded(headers: Headers): void {
  const encoding = headers.get('Content-Encoding') ?? 'identity';
  if (encoding.trim().toLowerCase() === 'identity') return;
  throw new Problem('unsupported-media-type', {
    detail: 'The body has to come without a Content-Encoding.',
    headers: [['Accept-Encoding', 'identity']],
  });
}

function toFormat(contentType: string, subject: string): StagedFormat {
  const format = toStagedFormat(contentType);
  if (format) return format;
  throw new Problem('unsupported-media-type', {
    detail: `${subject} has to be ${uploadMediaTypes.join(', ')}.`,
  });
}

/**
 * Any page may have a browser send a form, and the browser adds the keys that its user has once typed in. Other bodies
 * it sends to another origin only when CORS allows, and then without those keys.
 */
function refuseCrossSite({ headers, url }: Request, allowed: CorsOrigins | null): void {
  const origin = headers.get('Origin');
  const site = headers.get('Sec-Fetch-Site') ?? (origin === new URL(url).origin ? 'same-origin' : 'unknown');
  const isOwn = site === 'same-origin' || site === 'none' || (site === 'unknown' && origin === null);
  const isAllowed = origin !== null && allowed !== '*' && allowed?.includes(origin);
  if (isOwn || isAllowed) return;
  throw new Problem('cross-site-form', {
    detail: 'A page of this origin may not send forms here: it is not among CORS_ORIGINS.',
  });
}
