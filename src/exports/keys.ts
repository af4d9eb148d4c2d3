/** The keys of an export's objects. Each begins with its kind and the account's digest, as in store/keys.ts. */

const kind = 'exports/';

/** The account's digest, and a name within the account. */
export interface ExportId {
  readonly accountId: string;
  readonly name: string;
}

export const exportIdPattern = /^([0-9a-f]{32})-([0-9a-f]{32})$/;

/** Null for anything else. The account is in there so that an export is found with rotated keys, too. */
export function parseExportId(text: string): ExportId | null {
  const [, accountId, name] = exportIdPattern.exec(text) ?? [];
  return accountId && name ? { accountId, name } : null;
}

export function toExportId({ accountId, name }: ExportId): string {
  return `${accountId}-${name}`;
}

const accountPrefix = (accountId: string) => `${kind}${accountId}/`;

/** Audio of every export of the account lies here, so that a second export finds what the first one copied. */
export function recordingsPrefix(accountId: string): string {
  return `${accountPrefix(accountId)}recordings/`;
}

/** What is known of the copy of one form of a recording. */
export function copyKey(accountId: string, name: string): string {
  return `${accountPrefix(accountId)}copies/${name}.json`;
}

/** Names the one export that runs. */
export function lockKey(accountId: string): string {
  return `${accountPrefix(accountId)}lock.json`;
}

export function listPrefix(accountId: string): string {
  return `${accountPrefix(accountId)}list/`;
}

/** An empty object for each export; in the order of keys, the newest is first. */
export function listKey({ accountId, name }: ExportId, createdAt: number): string {
  const age = String(9_999_999_999_999 - createdAt).padStart(13, '0');
  return `${listPrefix(accountId)}${age}-${name}`;
}

/** The ID in a key of `listKey`. */
export function fromListKey(key: string): string {
  const [, accountId = '', , entry = ''] = key.split('/');
  return toExportId({ accountId, name: entry.slice(entry.indexOf('-') + 1) });
}

export type ExportObject = 'state.json' | 'manifest.ndjson' | 'manifest.csv';

export function exportKey({ accountId, name }: ExportId, object: ExportObject): string {
  return `${accountPrefix(accountId)}${name}/${object}`;
}

/** `plan`: what was listed. `report`: what became of it. `deletion`: what became of the originals. */
export function chunkKey(
  { accountId, name }: ExportId,
  part: 'plan' | 'report' | 'deletion',
  chunk: number,
): string {
  return `${accountPrefix(accountId)}${name}/${part}/${chunk}.ndjson`;
}
