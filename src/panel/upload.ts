/** Uploads: a path, or a file with its progress. */
import type { ApiError } from './api-error.ts';
import { gateway, settle } from './gateway.ts';
import { needsId } from './resource-types.ts';

export interface Target {
  readonly type: string;
  readonly id: string;
}

/** `key` as for a file; null if the gateway has no store for it. Null on success. */
export async function uploadAddress(
  { type, id }: Target,
  { path, key }: { readonly path: string; readonly key: string | null },
): Promise<ApiError | null> {
  // The gateway's error message for an invalid id is better than one from this page.
  const body = { type, path, ...(needsId(type) && { id: /^\d+$/.test(id) ? Number(id) : id }) };
  const call = gateway().createUpload(body as never, { idempotencyKey: key ?? false });
  return (await settle(call)).error;
}

export interface FileUpload {
  readonly file: File;
  readonly signal: AbortSignal;
  /** The same for each attempt, so that an upload that succeeded unnoticed is not repeated. */
  readonly key: string;
  /** From 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/** Null on success. */
export async function uploadFile({ type, id }: Target, upload: FileUpload): Promise<ApiError | null> {
  const { file, signal, key, onProgress } = upload;
  const target = { type, ...(needsId(type) && { id }) };
  const options = { signal, idempotencyKey: key, contentType: toMediaType(file), onProgress };
  return (await settle(gateway().uploadAudio(target as never, file, options))).error;
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

/** By file name, for systems that do not know the file's type. */
function toMediaType({ name, type }: Pick<File, 'name' | 'type'>): string {
  if (/\.mp3$/i.test(name)) return 'audio/mpeg';
  return /\.wave?$/i.test(name) ? 'audio/wav' : type || 'application/octet-stream';
}
