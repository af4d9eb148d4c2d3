/** A recording's audio: waiting for it, linking to it, and saving it. */
import { access } from './access.ts';
import type { ApiError } from './api-error.ts';
import { gateway, type Outcome, settle } from './gateway.ts';

export type Format = 'wav' | 'mp3';

export interface AudioChoice {
  readonly sid: string;
  readonly format: Format;
  /** In hertz. */
  readonly rate: number;
}

export interface WaitOptions {
  readonly signal: AbortSignal;
  /** Called as soon as the recording is known to be processing. */
  readonly onProcessing: () => void;
}

/** Requests a single byte until the audio is ready. Null on success. */
export async function whenReady(
  { sid, format, rate }: AudioChoice,
  options: WaitOptions,
): Promise<ApiError | null> {
  const choice = { format, sampleRateHz: rate, range: 'bytes=0-0' };
  // The user decides how long to wait.
  const wait = { ...choice, ...options, timeoutMs: Number.POSITIVE_INFINITY };
  const { data, error } = await settle(gateway().waitForAudio(sid, wait));
  // Drains the byte, so that the connection can be reused; a whole recording would be too much.
  const response = data?.response;
  await (response?.status === 200 ? response.body?.cancel() : response?.arrayBuffer())?.catch(() => {});
  return error;
}

export interface Link {
  /** Absolute, to pass on to others. */
  readonly url: string;
  /** On this page's origin, for its player. */
  readonly path: string;
  readonly expiresAt: Date;
}

/** `seconds` is the link's lifetime. */
export async function makeLink({ sid, format, rate }: AudioChoice, seconds: number): Promise<Outcome<Link>> {
  const choice = { format, sampleRateHz: rate, expiresInSeconds: seconds };
  const outcome = await settle(gateway().createAudioLink(sid, choice));
  if (outcome.error) return outcome;
  const { href, pathname, search } = new URL(outcome.data.url);
  const link = { url: href, path: `${pathname}${search}`, expiresAt: new Date(outcome.data.expires_at) };
  return { data: link, error: null };
}

/** Loads the whole audio into memory; used only if the gateway issues no links. */
export function fetchAudio({ sid, format, rate }: AudioChoice): Promise<Outcome<Blob>> {
  const load = async () => {
    const { response } = await gateway().waitForAudio(sid, { format, sampleRateHz: rate });
    return response.blob();
  };
  return settle(load());
}

/** In seconds; a save starts at once. */
const saveLifetime = 120;

/** Saves the audio as a file, streamed by the browser if the gateway issues links. */
export async function save(choice: AudioChoice): Promise<ApiError | null> {
  if (!access.value?.links) {
    const { data, error } = await fetchAudio(choice);
    if (error) return error;
    saveBlob(data, `${choice.sid}.${choice.format}`);
    return null;
  }
  const { data, error } = await makeLink(choice, saveLifetime);
  if (error) return error;
  follow(`${data.path}&download=true`, `${choice.sid}.${choice.format}`);
  return null;
}

export function saveBlob(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  follow(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function follow(address: string, name: string): void {
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = name;
  anchor.click();
}
