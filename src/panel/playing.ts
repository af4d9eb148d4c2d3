/** The recording that plays: from the user's click to a URL for the player. */
import { signal } from '@preact/signals';
import type { Recording } from '../../clients/typescript/src/index.ts';
import { access } from './access.ts';
import type { ApiError } from './api-error.ts';
import { type AudioChoice, fetchAudio, makeLink, whenReady } from './audio.ts';
import { toast } from './toast.ts';

interface Source {
  /** The player's URL. */
  readonly source: string;
  /** When the link expires. */
  readonly expiresAt: Date | null;
  /** The audio itself, if the gateway issues no links. */
  readonly whole: Blob | null;
}

export type Playing = {
  readonly recording: Recording;
  readonly choice: AudioChoice;
} & (
  | { readonly state: 'asking' | 'processing' }
  | ({ readonly state: 'ready' } & Source)
  | { readonly state: 'failed'; readonly error: ApiError }
);

/** In seconds: long enough to hear the longest call twice. */
const linkLifetime = 3600;

export const playing = signal<Playing | null>(null);

let current = new AbortController();

export async function play(recording: Recording, format: AudioChoice['format'] = 'wav'): Promise<void> {
  stop();
  const mine = new AbortController();
  current = mine;
  const { sid } = recording;
  const choice = { sid, format, rate: 8000 } as const;
  const base = { recording, choice };
  playing.value = { ...base, state: 'asking' };
  try {
    const onProcessing = () => {
      if (playing.value?.state === 'asking')
        toast('The recording is still being processed. It starts when it is ready.');
      playing.value = { ...base, state: 'processing' };
    };
    const error = await whenReady(choice, { signal: mine.signal, onProcessing });
    if (error) {
      playing.value = { ...base, state: 'failed', error };
      return;
    }
    const source = await toSource(choice);
    if (mine.signal.aborted) return;
    playing.value =
      'error' in source ? { ...base, state: 'failed', ...source } : { ...base, state: 'ready', ...source };
  } catch (error) {
    if (!mine.signal.aborted) throw error;
  }
}

/** A new URL for a player whose link has expired. Null if the gateway refuses one, which is then shown. */
export async function renewSource(choice: AudioChoice): Promise<string | null> {
  const source = await toSource(choice);
  if (!('error' in source)) return source.source;
  giveUp(source.error);
  return null;
}

/** Reports a player that cannot start or continue. */
export function giveUp(error: ApiError): void {
  const now = playing.value;
  if (now) playing.value = { recording: now.recording, choice: now.choice, state: 'failed', error };
}

export function stop(): void {
  current.abort();
  const was = playing.value;
  if (was?.state === 'ready' && was.source.startsWith('blob:')) URL.revokeObjectURL(was.source);
  playing.value = null;
}

async function toSource(choice: AudioChoice): Promise<Source | { readonly error: ApiError }> {
  if (!access.value?.links) {
    const { data, error } = await fetchAudio(choice);
    return error ? { error } : { source: URL.createObjectURL(data), expiresAt: null, whole: data };
  }
  const { data, error } = await makeLink(choice, linkLifetime);
  return error ? { error } : { source: data.path, expiresAt: data.expiresAt, whole: null };
}
