/** Keys of stored objects. Each starts with its kind and the account's digest, which separates accounts. */

/** Lifecycle rules expire objects by these prefixes; docs/operations.md and the folder's sweep list their ages. */
export const kinds = {
  audio: 'audio/',
  tombstones: 'tombstones/',
  uploads: 'uploads/',
  idempotency: 'idempotency/',
  lists: 'lists/',
} as const;

/** How long objects of a kind are kept, in days. Tombstones outlive the audio that they invalidate. */
export const ageDays: Readonly<Record<keyof typeof kinds, number>> = {
  audio: 30,
  tombstones: 90,
  uploads: 1,
  idempotency: 1,
  lists: 1,
};

export interface RecordingKey {
  readonly accountId: string;
  readonly sid: string;
}

/** The prefix of every stored format of one recording. */
export function audioPrefix({ accountId, sid }: RecordingKey): string {
  return `${kinds.audio}${accountId}/${sid}/`;
}

export function tombstoneKey({ accountId, sid }: RecordingKey): string {
  return `${kinds.tombstones}${accountId}/${sid}`;
}

export function uploadKey(accountId: string, name: string): string {
  return `${kinds.uploads}${accountId}/${name}`;
}

/** `digest` identifies an `Idempotency-Key` with its caller and operation. */
export function idempotencyKey(accountId: string, digest: string): string {
  return `${kinds.idempotency}${accountId}/${digest}`;
}

/** All snapshots of an account's lists, and the marks of its deletions. */
export function listsPrefix(accountId: string): string {
  return `${kinds.lists}${accountId}/`;
}

/** Marks by sid: snapshots that are older than the deletion are read without it. */
export function deletedPrefix(accountId: string): string {
  return `${listsPrefix(accountId)}deleted/`;
}

/** `digest` stands for one list and its order. */
export function snapshotPrefix(accountId: string, digest: string): string {
  return `${listsPrefix(accountId)}of-${digest}/`;
}
