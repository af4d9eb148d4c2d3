/** Keeps the current list in the page's address, to bookmark and share; never the credentials. */
import type { Query } from './list.ts';
import { recordingTypes } from './resource-types.ts';

export function readQuery(address: string): Query | null {
  const { searchParams } = new URL(address);
  const type = recordingTypes.find((name) => name === searchParams.get('type'));
  const id = searchParams.get('id');
  if (!type || !id) return null;
  return { type, id, from: searchParams.get('from') ?? '', to: searchParams.get('to') ?? '' };
}

/** Adds an entry to the browser's history. */
export function writeQuery(query: Query): void {
  const filled = Object.entries(query).filter(([, value]) => value !== '');
  const search = `?${new URLSearchParams(filled)}`;
  if (search !== location.search) history.pushState(null, '', search);
}
