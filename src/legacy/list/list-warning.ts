/** What was repaired or left out while a list was read. */
import type { XmlRepair } from '../xml/repair.ts';

export type ListWarningCode = XmlRepair | 'recording-without-sid';

export interface ListWarning {
  readonly code: ListWarningCode;
  /** The recording; null where the repair belongs to no recording that is listed. */
  readonly sid: string | null;
  /** How often, where there is no sid; else 1. */
  readonly count: number;
}

/** Collects warnings until there is a recording to hang them on. */
export interface WarningCollector {
  readonly isEmpty: boolean;
  add(code: ListWarningCode): void;
  /** Returns all and forgets them. */
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
