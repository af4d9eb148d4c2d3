/** A Worker that reads only the length: the platform's own pipe. */
import { env } from 'cloudflare:workers';

declare const FixedLengthStream: new (
  length: number,
) => { readonly readable: ReadableStream; readonly writable: WritableStream };

export default {
  async fetch(): Promise<Response> {
    const { body, headers } = await fetch(String(env.LEGACY_API_URL));
    const { readable, writable } = new FixedLengthStream(Number(headers.get('content-length')));
    void body?.pipeTo(writable);
    return new Response(readable);
  },
};
