/** A gateway with the store under test, whose vendor fetches from it, and the content of the store. */
import type { ObjectStore } from '../../src/store/object-store.ts';
import type { FaultName } from '../emulator/faults.ts';
import { basic, startGateway, type TestGateway } from './harness.ts';
import { stored as storedUnder } from './test-store.ts';

export { clearStore, store } from './test-store.ts';

export const publicUrl = 'https://gateway.example';

export interface UploadGateway extends TestGateway {
  /** With the page's account; `type=findme&id=1234` by default. */
  upload(body: BodyInit | null, init?: UploadInit): Promise<Response>;
}

export interface UploadInit {
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface UploadGatewayOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Another store, such as a failing one. */
  readonly store?: ObjectStore;
  /** The path at which the gateway gets a request for a URL below its PUBLIC_URL. */
  readonly toPath?: (url: string) => string;
}

const variables = {
  PUBLIC_URL: publicUrl,
  TOKEN_KEYS: btoa('a key for tests, 32 bytes long..'),
};

export async function startUploadGateway(options: UploadGatewayOptions = {}): Promise<UploadGateway> {
  const { toPath = (url) => url.slice(publicUrl.length) } = options;
  const gateway = await startGateway({
    env: { ...variables, ...options.env },
    withStore: options.store ?? true,
    emulator: { fetchPath: (url) => gateway.fetch(toPath(url)) },
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

/** Short if the legacy service never responds; otherwise an upload may take as long as a busy machine needs. */
export const timeoutsUnder = (fault: FaultName): UploadGatewayOptions =>
  fault === 'stall-before-answer' ? { env: { LEGACY_UPLOAD_TIMEOUT_MS: '1500' } } : {};

/** The keys of the objects under a prefix; by default, of the staged ones. */
export const stored = (prefix = 'uploads/'): Promise<string[]> => storedUnder(prefix);

/** Without the calls that verify keys. */
export function uploadCalls({ emulator }: TestGateway) {
  return emulator.calls.filter(({ action }) => action === 'recording.upload');
}
