/** What is looked at, in the page's address, so that it can be kept and sent to a colleague. Never who looks. */
import type { Query } from './list.ts';
import { recordingTypes } from './resource-types.ts';

export function readQuery(address: string): Query | null {
  const { searchParams } = new URL(address);
  const type = recordingTypes.find((name) => name === searchParams.get('type'));
  const id = searchParams.get('id');
  if (!type || !id) return null;
  return { type, id, from: searchParams.get('from') ?? '', to: searchParams.get('to') ?? '' };
}

/** As a step that the browser's back button takes back. */
export function writeQuery(query: Query): void {
  const filled = Object.entries(query).filter(([, value]) => value !== '');
  const search = `?${new URLSearchParams(filled)}`;
  if (search !== location.search) history.pushState(null, '', search);
}
