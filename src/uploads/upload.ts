/** Runs an upload: stages its bytes, calls the legacy service, and removes the bytes if it rejects them. */
import type { AudioFormat } from '../audio/formats.ts';
import type { RequestContext } from '../auth/request-context.ts';
import type { LegacyClient } from '../legacy/client.ts';
import { LegacyError } from '../legacy/failure.ts';
import type { Incoming } from './body-reader.ts';
import {
  type BoundKey,
  callLegacy,
  executeOnce,
  replay,
  type Settled,
  toFingerprint,
} from './execute-once.ts';
import type { IdempotencyRecord } from './idempotency-store.ts';
import type { Received } from './receive.ts';
import type { Staged, Staging } from './staging.ts';

export interface AudioUpload {
  readonly type: string;
  readonly id: string | undefined;
  readonly format: AudioFormat;
  readonly incoming: Incoming;
  /** From the request's `Idempotency-Key`; null without one. */
  readonly key: BoundKey | null;
  /** Called when the body has been read, before the legacy call; possibly more than once. */
  readonly onReceived?: () => void;
}

export interface UploadServices {
  readonly legacy: LegacyClient;
  readonly staging: Staging;
}

/**
 * Returns what was received. Throws StagingError, StoreError, LegacyError or Problem, and then leaves no object that
 * the legacy service could still fetch.
 */
export async function uploadStaged(
  services: UploadServices,
  upload: AudioUpload,
  context: RequestContext,
): Promise<Received> {
  const { staging } = services;
  const { key } = upload;
  const known = await key?.store.find(key.id);
  if (known) return await repeat(known, upload, staging);
  const { incoming, format } = upload;
  const { accountId } = context.caller;
  const staged = await staging.stage({ incoming, format, accountId, isDigested: key !== null });
  upload.onReceived?.();
  const { isFirst, outcome, mayHaveSucceeded } = await offer(staged, upload, () =>
    callLegacy(services.legacy, context, { type: upload.type, id: upload.id, path: staged.url }),
  ).catch(async (error: unknown) => {
    await staging.discard(staged);
    throw error;
  });
  // The legacy service may still be fetching audio that it accepted, or may have accepted.
  const isWanted = isFirst && (outcome === null || mayHaveSucceeded);
  if (!isWanted) await staging.discard(staged);
  if (outcome) throw new LegacyError(outcome);
  return staged;
}

async function offer(staged: Staged, upload: AudioUpload, call: () => Promise<void>): Promise<Settled> {
  return await executeOnce(upload.key, await toPrint(upload, staged), call);
}

/** Reads the body only to compare it with the first upload, and not at all while that is in progress. */
async function repeat(known: IdempotencyRecord, upload: AudioUpload, staging: Staging): Promise<Received> {
  if (typeof known.state !== 'object') replay(known, known.fingerprint);
  const received = await staging.digest(upload.incoming);
  const outcome = replay(known, await toPrint(upload, received));
  if (outcome) throw new LegacyError(outcome);
  return received;
}

function toPrint({ type, id, format }: AudioUpload, { length, digest }: Received): Promise<string> {
  return toFingerprint([type, id, format, length, digest]);
}
