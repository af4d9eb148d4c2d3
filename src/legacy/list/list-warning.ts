/** Repairs and omissions while a list was read. */
import type { XmlRepair } from '../xml/repair.ts';

export type ListWarningCode = XmlRepair | 'recording-without-sid';

export interface ListWarning {
  readonly code: ListWarningCode;
  /** The recording; null if the repair belongs to no listed recording. */
  readonly sid: string | null;
  /** The number of repairs without a sid; otherwise 1. */
  readonly count: number;
}

/** Collects warnings until their recording is known. */
export interface WarningCollector {
  readonly isEmpty: boolean;
  add(code: ListWarningCode): void;
  /** Returns all warnings and clears them. */
  take(sid: string | null): ListWarning[];
}

export function createWarningCollector(): WarningCollector {
  const counts = new Map<ListWarningCode, number>();
  return {
    get isEmpty() {
      return counts.size === 0;
    },
    add(code) {
      counts.set(code, (counts.get(code) ?? 0) + 1);
    },
    take(sid) {
      const warnings = Array.from(counts, ([code, count]) => ({
        code,
        sid,
        count: sid === null ? count : 1,
      }));
      counts.clear();
      return warnings;
    },
  };
}
