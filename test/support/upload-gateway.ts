/** A gateway with R2 behind it whose vendor fetches from it, and what is left in the store. */
import { env } from 'cloudflare:workers';
import type { R2Bucket } from '@cloudflare/workers-types';
import { basic, startGateway, type TestGateway } from './harness.ts';

export const bucket = env.AUDIO_STORE as R2Bucket;
export const publicUrl = 'https://gateway.example';

export interface UploadGateway extends TestGateway {
  /** With the page's account; `type=findme&id=1234` where nothing else is said. */
  upload(body: BodyInit | null, init?: UploadInit): Promise<Response>;
}

export interface UploadInit {
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface UploadGatewayOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** In the store's place, for one that fails. */
  readonly bucket?: R2Bucket;
}

const variables = {
  LEGACY_UPLOAD_TIMEOUT_MS: '500',
  PUBLIC_URL: publicUrl,
  TOKEN_KEYS: btoa('a key for tests, 32 bytes long..'),
};

export async function startUploadGateway(options: UploadGatewayOptions = {}): Promise<UploadGateway> {
  const gateway = await startGateway({
    env: { ...variables, ...options.env },
    withStore: options.bucket ?? true,
    emulator: { fetchPath: (url) => gateway.fetch(url.slice(publicUrl.length)) },
  });
  return {
    ...gateway,
    upload: (body, { query = 'type=findme&id=1234', headers } = {}) =>
      gateway.fetch(`/uploads/audio?${query}`, {
        method: 'POST',
        headers: { ...basic(gateway.emulator), 'Content-Type': 'audio/wav', ...headers },
        body,
      }),
  };
}

/** The keys of what is there, below a prefix. */
export async function stored(prefix = 'staged/'): Promise<string[]> {
  const { objects } = await bucket.list({ prefix });
  return objects.map(({ key }) => key);
}

export async function clearStore(): Promise<void> {
  await bucket.delete(await stored(''));
}
