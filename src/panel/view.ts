/** Which view of the panel is open: the recordings or the exports. It is part of the address. */
import { signal } from '@preact/signals';

export type View = 'recordings' | 'exports';

export const exportsAddress = '?view=exports';

export const view = signal<View>(readView(location.href));

export function readView(address: string): View {
  return new URL(address).searchParams.get('view') === 'exports' ? 'exports' : 'recordings';
}

/** `search` is that of the new address: a step that the browser's back button takes back. */
export function openView(wanted: View, search: string): void {
  if (search !== location.search) history.pushState(null, '', search || location.pathname);
  view.value = wanted;
}
