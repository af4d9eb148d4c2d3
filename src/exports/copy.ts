/** Copies one recording into the bucket, checked and hashed as it streams, or finds an existing copy. */
import { formats } from '../audio/formats.ts';
import { createLegacySource } from '../audio/legacy-source.ts';
import type { CallContext } from '../legacy/call/context.ts';
import type { LegacyClient } from '../legacy/client.ts';
import { LegacyError } from '../legacy/failure.ts';
import { ShortBodyError } from '../legacy/transport.ts';
import { createByteReader } from '../primitives/byte-reader.ts';
import type { CreateDigest } from '../primitives/runtime-streams.ts';
import { StoreError } from '../store/failure.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { copyKey, recordingsPrefix } from './keys.ts';
import { isKeyTooLong, type KeyForm, toFileKey, toFileName } from './pattern.ts';
import { toPieces } from './pieces.ts';
import type { Copy, PlanRow } from './rows.ts';
import type { ExportSource } from './state.ts';
import { stored } from './stored.ts';

export interface CopyServices {
  readonly store: ObjectStore;
  readonly legacy: Pick<LegacyClient, 'download'>;
  readonly createDigest: CreateDigest;
  readonly now?: () => Date;
}

export interface CopyTask {
  /** The export's ID. */
  readonly id: string;
  readonly accountId: string;
  readonly form: KeyForm;
  readonly sources: readonly ExportSource[];
  readonly context: CallContext;
  /** Resolves when the legacy service may be called. */
  readonly beforeCall: () => Promise<void>;
}

export interface Copied {
  readonly outcome: 'copied' | 'skipped';
  readonly copy: Copy;
}

/** Stored beside a copy, so that later exports find it. */
interface CopyRecord extends Copy, ExportSource {
  /** The export that made the copy, and the source that listed the recording. */
  readonly export: string;
  /** A different value shows that the object was overwritten. */
  readonly etag: string;
}

/** Of the sid in the key of a record. */
const maxNameLength = 200;

/** Throws LegacyError without valid audio, and StoreError if the bucket fails. */
export async function copyRecording(services: CopyServices, task: CopyTask, row: PlanRow): Promise<Copied> {
  const { accountId, form } = task;
  const name = toFileName(row.sid);
  const isTooLong = name.length > maxNameLength || isKeyTooLong(toKey(task, row));
  if (isTooLong) throw new LegacyError({ kind: 'invalid-request', description: null });
  const recordKey = copyKey(accountId, `${name}.${form.sampleRateHz}.${form.format}`);
  const known = await stored(() => findCopy(services.store, recordKey, task, row));
  if (known) {
    const isOurs = known.export === task.id && known.type === row.type && known.id === row.id;
    return { outcome: isOurs ? 'copied' : 'skipped', copy: toCopy(known) };
  }
  await task.beforeCall();
  const { copy, etag } = await fetchCopy(services, task, row);
  const record: CopyRecord = { ...copy, export: task.id, type: row.type, id: row.id, etag };
  await stored(() =>
    services.store.put(recordKey, JSON.stringify(record), { contentType: 'application/json' }),
  );
  return { outcome: 'copied', copy };
}

function toKey({ accountId, form }: CopyTask, row: PlanRow): string {
  return recordingsPrefix(accountId) + toFileKey(row, form);
}

/** An intact copy under a key that this export would choose, for any of its sources. */
async function findCopy(
  store: ObjectStore,
  recordKey: string,
  task: CopyTask,
  row: PlanRow,
): Promise<CopyRecord | null> {
  const found = await store.get(recordKey);
  if (!found) return null;
  const record = (await new Response(found.body).json()) as CopyRecord;
  const isWanted = task.sources.some(({ type, id }) => toKey(task, { ...row, type, id }) === record.key);
  const object = isWanted ? await store.head(record.key) : null;
  const isIntact = object !== null && object.sizeBytes === record.bytes && object.etag === record.etag;
  return isIntact ? record : null;
}

async function fetchCopy(
  services: CopyServices,
  task: CopyTask,
  row: PlanRow,
): Promise<{ copy: Copy; etag: string }> {
  const { store, legacy, createDigest, now = () => new Date() } = services;
  const { form, context } = task;
  const { format, sampleRateHz } = form;
  const found = await legacy.download({ sid: row.sid, format, sample_rate: sampleRateHz }, context);
  if (found.kind === 'processing') throw new LegacyError(found);
  const source = createLegacySource(found, { variant: format, signal: context.signal });
  const reader = createByteReader(await source.open(null));
  const key = toKey(task, row);
  const lengthBytes = 'length' in source.extent ? source.extent.length : null;
  const digest = createDigest();
  const writer = store.write(key, { lengthBytes, contentType: formats[format].mediaType });
  let bytes = 0;
  try {
    for await (const piece of toPieces(reader)) {
      bytes += piece.length;
      await stored(() => Promise.all([writer.write(piece), digest.update(piece)]));
    }
    await stored(() => writer.close());
  } catch (error) {
    await Promise.allSettled([reader.cancel(), writer.abort()]);
    throw error instanceof StoreError ? error : toLegacyError(error);
  }
  const object = await stored(() => store.head(key));
  if (object?.sizeBytes !== bytes) throw new StoreError({ kind: 'export-not-stored' });
  const copied_at = now().toISOString();
  const is_end_unclear = !source.isIntact();
  return { copy: { key, bytes, sha256: await digest.end(), copied_at, is_end_unclear }, etag: object.etag };
}

function toCopy({ key, bytes, sha256, copied_at, is_end_unclear }: CopyRecord): Copy {
  return { key, bytes, sha256, copied_at, is_end_unclear };
}

/** Errors while audio is read belong to the legacy service or its connection. */
function toLegacyError(cause: unknown): LegacyError {
  if (cause instanceof LegacyError) return cause;
  if (!(cause instanceof ShortBodyError)) return new LegacyError({ kind: 'unreachable' }, { cause });
  return new LegacyError({ kind: 'invalid-response', status: 200, reason: 'less audio than announced' });
}
