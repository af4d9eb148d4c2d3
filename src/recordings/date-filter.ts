/** The filter `from` and `to` of a list. */
import type { LegacyRecording } from '../legacy/list/recording.ts';

/** By day, inclusive, on the legacy's own clock. What has no date is on no day. */
export function createDateFilter(from: string | undefined, to: string | undefined) {
  if (from === undefined && to === undefined) return () => true;
  return ({ date }: LegacyRecording) => {
    const day = /^\d{4}-\d{2}-\d{2}/.exec(date ?? '')?.[0];
    return day !== undefined && day >= (from ?? day) && day <= (to ?? day);
  };
}
