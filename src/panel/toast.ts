/** Short messages about the last action, shown for six seconds and announced by screen readers. */
import { signal } from '@preact/signals';

export interface Toast {
  readonly id: number;
  readonly text: string;
}

const shownForMs = 6000;

export const shownToast = signal<Toast | null>(null);

let last = 0;

export function toast(text: string): void {
  const id = ++last;
  shownToast.value = { id, text };
  setTimeout(() => {
    if (shownToast.value?.id === id) shownToast.value = null;
  }, shownForMs);
}
