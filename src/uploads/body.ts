/** The audio of a request's body: the body itself, or the one file of an HTML form. */
import { type AudioFormat, formatOfMediaType, knownMediaTypes } from '../audio/formats.ts';
import { type CorsOrigins, isFromOtherSite } from '../http/origins.ts';
import { Problem } from '../problem/problem.ts';
import { type Incoming, openBody, readAhead } from './body-reader.ts';
import { type CheckedAudio, checkAudio, headLength } from './declared-audio.ts';
import { StagingError } from './failure.ts';
import { formOverhead, openFormFile } from './form.ts';

export const formMediaType = 'multipart/form-data';

/** A type without information: the bytes decide. */
const anyMediaType = 'application/octet-stream';

/** Every media type of a body that is audio. */
export const uploadMediaTypes: readonly string[] = [...knownMediaTypes, anyMediaType];

export interface UploadBody extends CheckedAudio {
  readonly incoming: Incoming;
}

export interface UploadBodyOptions {
  /** The largest file, in bytes. */
  readonly limit: number;
  readonly corsOrigins: CorsOrigins | null;
  /** Whether a browser may have added the credentials automatically, as it does for Basic. */
  readonly isBasic: boolean;
}

/** Reads only as far as needed to know the format. Throws Problem or StagingError. */
export async function openUploadBody(request: Request, options: UploadBodyOptions): Promise<UploadBody> {
  const { headers } = request;
  refuseEncoded(headers);
  const { limit, isBasic, corsOrigins } = options;
  const contentType = headers.get('Content-Type') ?? '';
  const mediaType = toMediaType(contentType);
  // A page can make a browser send these two types cross-origin without a preflight request.
  const isSimple = ['', formMediaType].includes(mediaType);
  if (isBasic && isSimple && isFromOtherSite(request, corsOrigins)) {
    throw new Problem('cross-site-form', {
      detail: 'Pages of this origin may not send forms: CORS_ORIGINS does not list the origin.',
    });
  }
  if (mediaType !== formMediaType) {
    const declared = toDeclared(contentType, 'The body');
    return await check({ ...openBody(request, limit), declared, subject: 'The body' });
  }
  const form = openBody(request, limit + formOverhead);
  const file = await openFormFile(form.reader, { contentType, limit });
  const subject = "The form's file";
  const declared = toDeclared(file.contentType, subject);
  return await check({ reader: file.reader, length: null, declared, subject });
}

interface Opened extends Incoming {
  /** Null if the bytes decide. */
  readonly declared: AudioFormat | null;
  readonly subject: string;
}

async function check({ reader, length, declared, subject }: Opened): Promise<UploadBody> {
  try {
    const { head, reader: whole } = await readAhead(reader, headLength);
    const isWhole = head.length < headLength;
    if (isWhole && length !== null && length !== head.length) throw new StagingError({ kind: 'incomplete' });
    const audio = checkAudio({ bytes: head, isWhole, subject }, declared);
    return { ...audio, incoming: { reader: whole, length } };
  } catch (cause) {
    await reader.cancel();
    throw cause;
  }
}

function toMediaType(contentType: string): string {
  const [name = ''] = contentType.split(';');
  return name.trim().toLowerCase();
}

/** RFC 9110 section 15.5.16: an unsupported coding is a 415 too, and `Accept-Encoding` lists the supported ones. */
function refuseEncoded(headers: Headers): void {
  const encoding = headers.get('Content-Encoding') ?? 'identity';
  if (encoding.trim().toLowerCase() === 'identity') return;
  throw new Problem('unsupported-media-type', {
    detail: 'The body must have no Content-Encoding.',
    headers: [['Accept-Encoding', 'identity']],
  });
}

/** Null if the type says nothing, so that the bytes decide. */
function toDeclared(contentType: string, subject: string): AudioFormat | null {
  const mediaType = toMediaType(contentType);
  if (mediaType === '' || mediaType === anyMediaType) return null;
  const format = formatOfMediaType(contentType);
  if (format) return format;
  throw new Problem('unsupported-media-type', {
    detail: `${subject} must be one of ${uploadMediaTypes.join(', ')}.`,
  });
}
