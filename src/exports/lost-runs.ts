/** Fails exports whose engine has given up: their last step could not say so in the bucket. */
import type { ExportEngine } from './engine.ts';
import type { Ledger } from './ledger.ts';
import { type ExportState, isActive, toFailed } from './state.ts';

export interface LostRunsOptions {
  readonly ledger: Ledger;
  readonly engine: ExportEngine;
}

/** Returns the state as it is now: an engine that does not respond counts as at work. */
export function createLostRuns({ ledger, engine }: LostRunsOptions) {
  return async (state: ExportState): Promise<ExportState> => {
    const { id, run, leg = 0 } = state;
    const isLost = isActive(state) && (await engine.hasGivenUp({ id, run, leg }).catch(() => false));
    if (!isLost) return state;
    const fail = (fresh: ExportState) =>
      fresh.run === state.run && isActive(fresh) ? toFailed(fresh, 'internal-error') : null;
    try {
      return (await ledger.update(state.id, fail)) ?? (await ledger.read(state.id)) ?? state;
    } catch {
      // A full bucket accepts no state, but it can be read.
      return { ...state, ...toFailed(state, 'internal-error') };
    }
  };
}
