/** From an upload's bytes to the legacy's word on them: staged, offered to the legacy, and removed where it refused. */
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
  /** Of the request's `Idempotency-Key`; null without one. */
  readonly key: BoundKey | null;
}

export interface UploadServices {
  readonly legacy: LegacyClient;
  readonly staging: Staging;
}

/** What was received. Throws StagingError, StoreError, LegacyError or Problem, and leaves nothing that the legacy cannot want any more. */
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
  const { isFirst, outcome, mayHaveSucceeded } = await offer(staged, upload, () =>
    callLegacy(services.legacy, context, { type: upload.type, id: upload.id, path: staged.url }),
  ).catch(async (error: unknown) => {
    await staging.discard(staged);
    throw error;
  });
  // What the legacy has taken, or may have, it may still be fetching.
  const isWanted = isFirst && (outcome === null || mayHaveSucceeded);
  if (!isWanted) await staging.discard(staged);
  if (outcome) throw new LegacyError(outcome);
  return staged;
}

async function offer(staged: Staged, upload: AudioUpload, call: () => Promise<void>): Promise<Settled> {
  return await executeOnce(upload.key, await toPrint(upload, staged), call);
}

/** The body is read to be compared, and kept nowhere; for an answer that is not there yet it is not read at all. */
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
