/**
 * One call over `node:http` with its lenient parser, which reads bare line feeds, both framings at once, spaces after
 * chunk sizes and 100 Continue. Each call has its own connection, so that leftover bytes of one response can never
 * start another account's.
 */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Readable } from 'node:stream';
import type { LegacyRequest } from '../legacy/transport.ts';

/** In bytes. */
export const maxHeaderSize = 256 * 1024;

export interface RawResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readable;
}

export function requestLeniently({
  url,
  method,
  headers,
  body,
  signal,
}: LegacyRequest): Promise<RawResponse> {
  const send = url.startsWith('https:') ? requestHttps : requestHttp;
  const options = { method, headers, signal, agent: false, insecureHTTPParser: true, maxHeaderSize };
  return new Promise((resolve, reject) => {
    const request = send(url, options, (response) => {
      // Node reports errors of the body on the request.
      request.on('error', (error) => response.destroy(error));
      resolve({ statusCode: response.statusCode ?? 0, headers: response.headers, body: response });
    });
    request.on('error', reject);
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new Error('bad upgrade'));
    });
    request.on('close', () => reject(new Error('closed')));
    request.end(body);
  });
}
