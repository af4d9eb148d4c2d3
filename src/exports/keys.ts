/** The keys of an export's objects. Each starts with its kind and the account's digest, as in store/keys.ts. */

const kind = 'exports/';

/** The account's digest, and a name within the account. */
export interface ExportId {
  readonly accountId: string;
  readonly name: string;
}

export const exportIdPattern = /^([0-9a-f]{32})-([0-9a-f]{32})$/;

/** Null for any other text. Contains the account, so that rotated keys still find the export. */
export function parseExportId(text: string): ExportId | null {
  const [, accountId, name] = exportIdPattern.exec(text) ?? [];
  return accountId && name ? { accountId, name } : null;
}

export function toExportId({ accountId, name }: ExportId): string {
  return `${accountId}-${name}`;
}

const accountPrefix = (accountId: string) => `${kind}${accountId}/`;

/** Holds the audio of all exports of the account, so that a second export finds the copies of the first. */
export function recordingsPrefix(accountId: string): string {
  return `${accountPrefix(accountId)}recordings/`;
}

/** Metadata of the copy of one form of a recording. */
export function copyKey(accountId: string, name: string): string {
  return `${accountPrefix(accountId)}copies/${name}.json`;
}

/** Names the account's running export. */
export function lockKey(accountId: string): string {
  return `${accountPrefix(accountId)}lock.json`;
}

export function listPrefix(accountId: string): string {
  return `${accountPrefix(accountId)}list/`;
}

/** An empty object per export; in key order, the newest is first. */
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

/** `plan`: the listed recordings. `report`: their outcomes. `deletion`: the outcomes of deleting the originals. */
export function chunkKey(
  { accountId, name }: ExportId,
  part: 'plan' | 'report' | 'deletion',
  chunk: number,
): string {
  return `${accountPrefix(accountId)}${name}/${part}/${chunk}.ndjson`;
}
