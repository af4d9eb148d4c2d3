/** Keys of stored objects. Each starts with its kind and the account's digest, which separates accounts. */

/** Lifecycle rules expire objects by these prefixes; docs/operations.md and the folder's sweep list their ages. */
export const kinds = {
  audio: 'audio/',
  tombstones: 'tombstones/',
  uploads: 'uploads/',
  idempotency: 'idempotency/',
} as const;

/** How long objects of a kind are kept, in days. Tombstones outlive the audio that they invalidate. */
export const ageDays: Readonly<Record<keyof typeof kinds, number>> = {
  audio: 30,
  tombstones: 90,
  uploads: 1,
  idempotency: 1,
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
