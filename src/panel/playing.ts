/** What plays: from the wish to hear a recording to an address for the player. */
import { signal } from '@preact/signals';
import type { Recording } from '../../dist/client/index.ts';
import { credentials } from './access.ts';
import { type AudioChoice, fetchAudio, makeLink, whenReady } from './audio.ts';
import { say } from './say.ts';
import type { Trouble } from './trouble.ts';

interface Source {
  /** For the player. */
  readonly source: string;
  /** Of a link. */
  readonly expiresAt: Date | null;
  /** The audio itself, where there are no links. */
  readonly whole: Blob | null;
}

export type Playing = {
  readonly recording: Recording;
  readonly choice: AudioChoice;
} & (
  | { readonly state: 'asking' | 'processing' }
  | ({ readonly state: 'ready' } & Source)
  | { readonly state: 'failed'; readonly trouble: Trouble }
);

/** In seconds: long enough for the longest call to be heard twice. */
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
        say('The recording is still being processed. It starts when it is ready.');
      playing.value = { ...base, state: 'processing' };
    };
    const trouble = await whenReady(choice, { signal: mine.signal, onProcessing });
    if (trouble) {
      playing.value = { ...base, state: 'failed', trouble };
      return;
    }
    const source = await toSource(choice);
    if (mine.signal.aborted) return;
    playing.value =
      'trouble' in source ? { ...base, state: 'failed', ...source } : { ...base, state: 'ready', ...source };
  } catch (error) {
    if (!mine.signal.aborted) throw error;
  }
}

/** For a player that has come to the end of its link's time. Null where there is none to be had, which is then said. */
export async function renewSource(choice: AudioChoice): Promise<string | null> {
  const source = await toSource(choice);
  if (!('trouble' in source)) return source.source;
  giveUp(source.trouble);
  return null;
}

/** Where the sound does not come, or comes no further. */
export function giveUp(trouble: Trouble): void {
  const now = playing.value;
  if (now) playing.value = { recording: now.recording, choice: now.choice, state: 'failed', trouble };
}

export function stop(): void {
  current.abort();
  const was = playing.value;
  if (was?.state === 'ready' && was.source.startsWith('blob:')) URL.revokeObjectURL(was.source);
  playing.value = null;
}

async function toSource(choice: AudioChoice): Promise<Source | { readonly trouble: Trouble }> {
  if (!credentials.value?.links) {
    const { data, trouble } = await fetchAudio(choice);
    return trouble ? { trouble } : { source: URL.createObjectURL(data), expiresAt: null, whole: data };
  }
  const { data, trouble } = await makeLink(choice, linkLifetime);
  return trouble ? { trouble } : { source: data.path, expiresAt: data.expiresAt, whole: null };
}
