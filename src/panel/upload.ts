/** Uploads: of an address by the generated client, of a file with its progress. */
import { createUpload } from '../../dist/client/index.ts';
import { applyAuthError, credentials } from './access.ts';
import { type ApiError, toApiError } from './api-error.ts';
import { beginExchange } from './exchanges.ts';
import { client, type Outcome, settle } from './gateway.ts';
import { needsId } from './resource-types.ts';

export interface Target {
  readonly type: string;
  readonly id: string;
}

/** `key` as of a file; null where the gateway has no store to keep it in. */
export function uploadAddress(
  { type, id }: Target,
  { path, key }: { readonly path: string; readonly key: string | null },
): Promise<Outcome<unknown>> {
  // The gateway names what is wrong with an id better than this page would.
  const body = { type, path, ...(needsId(type) && { id: /^\d+$/.test(id) ? Number(id) : id }) };
  const headers = key === null ? {} : { 'Idempotency-Key': `"${key}"` };
  return settle(createUpload({ client, body: body as never, headers }));
}

export interface FileUpload {
  readonly file: File;
  readonly signal: AbortSignal;
  /** The same for each attempt, so that one which came through unnoticed is not repeated. */
  readonly key: string;
  /** From 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/** By XMLHttpRequest, because `fetch` tells nothing of how far a body has got. Null when it is uploaded. */
export function uploadFile({ type, id }: Target, upload: FileUpload): Promise<ApiError | null> {
  const { file, signal, onProgress } = upload;
  const url = new URL('uploads/audio', location.href);
  url.searchParams.set('type', type);
  if (needsId(type)) url.searchParams.set('id', id);
  const headers = new Headers({
    'Content-Type': toMediaType(file),
    'Idempotency-Key': `"${upload.key}"`,
    Authorization: toAuthorization(),
  });
  const entry = beginExchange({ method: 'POST', url: url.href, headers, requestBody: `[${file.name}]` });
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    for (const [name, value] of headers) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const { status, responseText: body } = request;
      const answerHeaders = readHeaders(request);
      entry.answered({ status, headers: answerHeaders, body });
      if (status === 201) return resolve(null);
      const error = toApiError(parse(body), { status, headers: new Headers(answerHeaders) });
      applyAuthError(error);
      resolve(error);
    };
    request.onerror = () => {
      entry.failed('No answer: the gateway could not be reached.');
      resolve(toApiError(null, null));
    };
    request.onabort = () => {
      entry.failed('Cancelled.');
      reject(new DOMException('The upload was cancelled.', 'AbortError'));
    };
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

/** Whether it may have been uploaded in spite of it. */
export function isUnknown({ slug, status }: ApiError): boolean {
  const unknown = [
    'legacy-timeout',
    'legacy-unreachable',
    'legacy-invalid-response',
    'upload-outcome-unknown',
  ];
  // What is no problem of the gateway's comes from something in front of it, which did not wait for its answer.
  return slug === null ? status === null || status >= 500 : unknown.includes(slug);
}

/** Unguessable, and to be had on a page that was not served over TLS as well. */
export function createUploadKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

/** By the name, for systems that know no type of the file. */
function toMediaType({ name, type }: Pick<File, 'name' | 'type'>): string {
  if (/\.mp3$/i.test(name)) return 'audio/mpeg';
  return /\.wave?$/i.test(name) ? 'audio/wav' : type || 'application/octet-stream';
}

function toAuthorization(): string {
  const { scheme, secret } = credentials.value ?? { scheme: 'bearer', secret: '' };
  return scheme === 'basic' ? `Basic ${btoa(secret)}` : `Bearer ${secret}`;
}

function readHeaders(request: XMLHttpRequest): [string, string][] {
  const lines = request.getAllResponseHeaders().split('\r\n').filter(Boolean);
  return lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
