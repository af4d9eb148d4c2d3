/** A gateway with the store under test and a scripted legacy service, and the content of the store. */
import { expect } from 'vitest';
import type { ObjectStore } from '../../src/store/object-store.ts';
import { answerSound, type SoundOptions } from './audio-cases.ts';
import { startGateway, type TestGateway } from './harness.ts';
import { stored } from './test-store.ts';

export { clearStore, store } from './test-store.ts';

export interface Keys {
  readonly access: string;
  readonly secret: string;
}

export const owner: Keys = { access: 'owner', secret: 'of the account' };

/** One call to the legacy service. */
export interface Call {
  readonly request: Request;
  readonly action: string;
  readonly sid: string;
  readonly access: string;
  readonly secret: string;
  readonly format: string;
  readonly rate: string;
}

export interface StoreGatewayOptions extends SoundOptions {
  readonly store?: ObjectStore;
  readonly env?: Readonly<Record<string, string>>;
  /** The audio of a download; null if it no longer exists. */
  readonly sound: (call: Call) => Uint8Array<ArrayBuffer> | null;
  /** Instead of the audio, and of a removal's success. */
  readonly answer?: (call: Call) => Response | Promise<Response> | undefined;
}

export interface StoreGateway extends TestGateway {
  readonly calls: Call[];
  get(path: string, init?: Asked): Promise<Response>;
}

interface Asked {
  readonly keys?: Keys;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export async function startStoreGateway(options: StoreGatewayOptions): Promise<StoreGateway> {
  const calls: Call[] = [];
  const gateway = await startGateway({
    withStore: options.store ?? true,
    // The parameters are read from the URL.
    env: { LEGACY_METHOD: 'GET', ...options.env },
    legacy(request) {
      const call = readCall(request);
      calls.push(call);
      const other = options.answer?.(call);
      if (other) return other;
      if (call.action === 'recording.remove') return envelope(200, 'success', '');
      const sound = options.sound(call);
      return sound ? answerSound(request, sound, options) : notFound();
    },
  });
  return {
    ...gateway,
    calls,
    get(path, { keys = owner, headers, ...init } = {}) {
      const Authorization = `Basic ${btoa(`${keys.access}:${keys.secret}`)}`;
      return gateway.fetch(path, { ...init, headers: { Authorization, ...headers } });
    },
  };
}

function readCall(request: Request): Call {
  const { searchParams } = new URL(request.url);
  const parameter = (name: string) => searchParams.get(name) ?? '';
  return {
    request,
    action: parameter('action'),
    sid: parameter('sid'),
    access: parameter('access_key'),
    secret: parameter('secret_access_key'),
    format: parameter('format'),
    rate: parameter('sample_rate'),
  };
}

export function envelope(status: number, result: string, description: string): Response {
  const xml = `<response><result>${result}</result><result_description>${description}</result_description></response>`;
  return new Response(xml, { status, headers: { 'Content-Type': 'text/xml' } });
}

export const notFound = () => envelope(404, 'failed', 'File not found');

/** The keys of the stored audio. */
export const storedAudio = (): Promise<string[]> => stored('audio/');

/** Streamed audio is stored shortly after its last byte. */
export async function untilStored(count: number): Promise<void> {
  await expect.poll(storedAudio).toHaveLength(count);
}

/** Audio that stops before its end until told to continue or to break. */
export function createSlowSound(sound: Uint8Array<ArrayBuffer>, declared: boolean) {
  const end = Promise.withResolvers<'go on' | 'break'>();
  let isStarted = false;
  const body = new ReadableStream({
    async pull(controller) {
      if (!isStarted) {
        isStarted = true;
        return controller.enqueue(sound.slice(0, sound.length / 2));
      }
      if ((await end.promise) === 'break') return controller.error(new Error('connection reset'));
      controller.enqueue(sound.slice(sound.length / 2));
      controller.close();
    },
  });
  const headers = declared ? { 'Content-Length': String(sound.length) } : undefined;
  return { response: new Response(body, headers && { headers }), end: end.resolve };
}
