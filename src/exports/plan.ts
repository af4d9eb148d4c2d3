/** Lists one source of an export and writes its recordings into the plan, one chunk at a time. */
import type { CallContext } from '../legacy/call/context.ts';
import type { LegacyClient } from '../legacy/client.ts';
import { createListFilter } from '../recordings/list-filter.ts';
import { StoreError } from '../store/failure.ts';
import type { Ledger } from './ledger.ts';
import { createLineBuffer } from './line-buffer.ts';
import { type PlanRow, toLines } from './rows.ts';
import type { ExportRequest } from './state.ts';

/** Rows per chunk: each batch reads and writes one chunk. */
const chunkRows = 1000;

export interface PlanTask {
  /** The export's ID. */
  readonly id: string;
  readonly request: ExportRequest;
  /** Its index in the request. */
  readonly source: number;
  /** The first free chunk. */
  readonly firstChunk: number;
  readonly context: CallContext;
}

export interface Planned {
  readonly chunks: number;
  readonly listed: number;
}

/** Listing again writes the same chunks. Throws LegacyError and StoreError. */
export async function planSource(
  { legacy, ledger }: { readonly legacy: Pick<LegacyClient, 'list'>; readonly ledger: Ledger },
  { id, request, source, firstChunk, context }: PlanTask,
): Promise<Planned> {
  const named = request.sources[source];
  if (!named) return { chunks: 0, listed: 0 };
  const isWanted = createListFilter({ from: request.from ?? undefined, to: request.to ?? undefined });
  const lines = createLineBuffer();
  let chunks = 0;
  let listed = 0;

  async function write(): Promise<void> {
    const chunk = firstChunk + chunks;
    const { etag } = await ledger.readChunk(id, 'plan', chunk);
    if (!(await ledger.writeChunk(id, 'plan', chunk, { lines: lines.bytes(), etag }))) {
      throw new StoreError({ kind: 'export-not-stored' }, { cause: 'another run writes the plan' });
    }
    chunks += 1;
    listed += lines.count();
    lines.clear();
  }

  for await (const batch of legacy.list({ type: named.type, id: named.id }, context, 'stream')) {
    for (const recording of batch) {
      if (isWanted?.(recording) === false) continue;
      const { sid, dnis, number_connected, minutes, date } = recording;
      const row: PlanRow = { sid, dnis, number_connected, minutes, date, type: named.type, id: named.id };
      lines.add(toLines([row]));
      if (lines.count() === chunkRows) await write();
    }
  }
  if (lines.count() > 0) await write();
  return { chunks, listed };
}
