/** The bytes of an upload on their way: their type, their key, and how far they are. */
import type { Transport } from './http.ts';

export interface UploadOptions {
  readonly signal?: AbortSignal;
  /** By default a new one for each call, the same for its retries. `false` sends none, and then nothing is retried. */
  readonly idempotencyKey?: string | false;
}

export interface UploadAudioOptions extends UploadOptions {
  /** By default the type of the Blob, else `application/octet-stream`, with which the bytes decide. */
  readonly contentType?: string;
  /** Called with the share that is sent, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** Unguessable if the platform has secure random numbers; otherwise unique, which is enough. */
export function createKey(): string {
  // React Native has none. Browsers have `randomUUID` over TLS only, and these numbers everywhere.
  const { crypto } = globalThis as { crypto?: Partial<Crypto> };
  const bytes = new Uint8Array(16);
  if (crypto?.getRandomValues) crypto.getRandomValues(bytes);
  else for (const index of bytes.keys()) bytes[index] = Math.random() * 256;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** In quotation marks, as the header wants it. */
export function toKeyHeader(key: string | false): Record<string, string> {
  return key === false ? {} : { 'Idempotency-Key': `"${key}"` };
}

/** Sends the body and reports progress: by XMLHttpRequest in browsers and React Native, by a stream elsewhere. */
export function createProgressTransport(
  body: Blob,
  onProgress: (share: number) => void,
  fetch: (url: string, init: RequestInit) => Promise<Response>,
): Transport {
  if ('XMLHttpRequest' in globalThis) return (url, init) => sendByXhr(url, init, onProgress);
  return (url, init) =>
    // `duplex` is required for a stream, and unknown to the types.
    fetch(url, { ...init, body: toCounted(body, onProgress), duplex: 'half' } as RequestInit);
}

function sendByXhr(...[url, init, onProgress]: [...Parameters<Transport>, (share: number) => void]) {
  return new Promise<Response>((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const settle = (act: () => void) => () => {
      init.signal?.removeEventListener('abort', stop);
      act();
    };
    request.open(init.method, url);
    for (const [name, value] of Object.entries(init.headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = settle(() => {
      const { status, responseText } = request;
      resolve(new Response(responseText, { status, headers: toHeaders(request.getAllResponseHeaders()) }));
    });
    request.onerror = settle(() => reject(new TypeError('The request failed.')));
    request.onabort = settle(() => reject(init.signal?.reason));
    if (init.signal?.aborted) return reject(init.signal.reason);
    init.signal?.addEventListener('abort', stop, { once: true });
    request.send(init.body as XMLHttpRequestBodyInit);
  });
}

function toHeaders(lines: string): Headers {
  const headers = new Headers();
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return headers;
}

/** Counts what is read of it: at most the buffers of the connection ahead of what is sent. */
function toCounted(body: Blob, onProgress: (share: number) => void): ReadableStream<Uint8Array> {
  const reader = body.stream().getReader();
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      sent += value.length;
      controller.enqueue(value);
      onProgress(body.size > 0 ? sent / body.size : 1);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
