/** What has happened, said once: shown for a moment, and read out by a screen reader. */
import { signal } from '@preact/signals';

export interface Saying {
  readonly id: number;
  readonly text: string;
}

/** In milliseconds. */
const shownFor = 6000;

export const saying = signal<Saying | null>(null);

let last = 0;

export function say(text: string): void {
  const id = ++last;
  saying.value = { id, text };
  setTimeout(() => {
    if (saying.value?.id === id) saying.value = null;
  }, shownFor);
}
