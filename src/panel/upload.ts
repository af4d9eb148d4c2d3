/** Uploads: a path by the generated client, a file with its progress. */
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

/** `key` as for a file; null if the gateway has no store for it. */
export function uploadAddress(
  { type, id }: Target,
  { path, key }: { readonly path: string; readonly key: string | null },
): Promise<Outcome<unknown>> {
  // The gateway's error message for an invalid id is better than one from this page.
  const body = { type, path, ...(needsId(type) && { id: /^\d+$/.test(id) ? Number(id) : id }) };
  const headers = key === null ? {} : { 'Idempotency-Key': `"${key}"` };
  return settle(createUpload({ client, body: body as never, headers }));
}

export interface FileUpload {
  readonly file: File;
  readonly signal: AbortSignal;
  /** The same for each attempt, so that an upload that succeeded unnoticed is not repeated. */
  readonly key: string;
  /** From 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/** Uses XMLHttpRequest, because `fetch` reports no upload progress. Null on success. */
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
      entry.failed('No response: the gateway could not be reached.');
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

/** Whether the upload may have succeeded despite the error. */
export function isUnknown({ slug, status }: ApiError): boolean {
  const unknown = [
    'legacy-timeout',
    'legacy-unreachable',
    'legacy-invalid-response',
    'upload-outcome-unknown',
  ];
  // An error without a problem comes from a proxy that did not wait for the gateway's response.
  return slug === null ? status === null || status >= 500 : unknown.includes(slug);
}

/** Unguessable, and available on pages served without TLS. */
export function createUploadKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

/** By file name, for systems that do not know the file's type. */
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
