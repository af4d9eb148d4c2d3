/** A recording's audio: waiting for it, linking to it, and saving it. */
import { createAudioLink, getRecordingAudio } from '../../dist/client/index.ts';
import { credentials } from './access.ts';
import type { ApiError } from './api-error.ts';
import { client, type Outcome, settle } from './gateway.ts';

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

/** In seconds: how long the gateway may keep one request open. */
const patience = 25;

/** Requests a single byte until the audio is ready. Null on success. */
export async function whenReady(choice: AudioChoice, options: WaitOptions): Promise<ApiError | null> {
  for (let wait = 0; ; wait = patience) {
    const { response, error } = await askForByte(choice, { wait, signal: options.signal });
    if (error) return error;
    if (response.status !== 202) return null;
    options.onProcessing();
    // The first retry is immediate, and lets the gateway wait; it follows the legacy service's `Retry-After`.
    const pause = Number(response.headers.get('Retry-After') ?? 5);
    if (wait > 0) await sleep(Math.min(Math.max(pause, 1), 30) * 1000, options.signal);
  }
}

async function askForByte(
  { sid, format, rate }: AudioChoice,
  { wait, signal }: { readonly wait: number; readonly signal: AbortSignal },
): Promise<Outcome<unknown>> {
  const outcome = await settle(
    getRecordingAudio({
      client,
      path: { sid },
      query: { format, sample_rate: rate },
      headers: { Range: 'bytes=0-0', ...(wait > 0 && { Prefer: `wait=${wait}` }) },
      parseAs: 'stream',
      signal,
    }),
  );
  const { response } = outcome;
  // Drains the byte, so that the connection can be reused; a whole recording would be too much.
  await (response?.status === 200 ? response.body?.cancel() : response?.arrayBuffer())?.catch(() => {});
  return outcome;
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
  const body = { format, sample_rate: rate, expires_in: seconds };
  const outcome = await settle(createAudioLink({ client, path: { sid }, body }));
  if (outcome.error) return outcome;
  const { href, pathname, search } = new URL(outcome.data.url, location.href);
  const link = {
    url: href,
    path: `${pathname}${search}`,
    expiresAt: new Date(outcome.data.expires_at),
  };
  return { ...outcome, data: link };
}

/** Loads the whole audio into memory; used only if the gateway issues no links. */
export async function fetchAudio({ sid, format, rate }: AudioChoice): Promise<Outcome<Blob>> {
  const call = getRecordingAudio({
    client,
    path: { sid },
    query: { format, sample_rate: rate },
    parseAs: 'blob',
  });
  return (await settle(call)) as Outcome<Blob>;
}

/** In seconds; a save starts at once. */
const saveLifetime = 120;

/** Saves the audio as a file, streamed by the browser if the gateway issues links. */
export async function save(choice: AudioChoice): Promise<ApiError | null> {
  if (!credentials.value?.links) {
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

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('The wait was given up.', 'AbortError'));
    });
  });
}
