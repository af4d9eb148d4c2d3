/** Names every failure of the bucket, so that callers can tell it from one of the legacy service. */
import { LegacyError } from '../legacy/failure.ts';
import { Problem } from '../problem/problem.ts';
import { StoreError } from '../store/failure.ts';

/** Throws StoreError if the step fails; keeps the errors that already have a name. */
export async function stored<Value>(step: () => Promise<Value>): Promise<Value> {
  try {
    return await step();
  } catch (cause) {
    if (cause instanceof LegacyError || cause instanceof Problem || cause instanceof StoreError) throw cause;
    throw new StoreError({ kind: 'export-not-stored' }, { cause });
  }
}
