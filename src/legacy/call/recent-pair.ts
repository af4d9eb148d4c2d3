/** Whether a second name was seen lately, among any number of names. The two latest suffice. */

export interface RecentPair {
  note(name: string): void;
  hasOther(name: string): boolean;
}

interface Seen {
  readonly name: string;
  readonly at: number;
}

export interface RecentPairOptions {
  readonly lifetimeMs: number;
  /** In milliseconds since 1970. */
  readonly now: () => number;
}

export function createRecentPair({ lifetimeMs, now }: RecentPairOptions): RecentPair {
  let latest: Seen | null = null;
  let before: Seen | null = null;
  return {
    note(name) {
      if (latest?.name !== name) before = latest;
      latest = { name, at: now() };
    },
    hasOther(name) {
      const other = latest?.name === name ? before : latest;
      return other !== null && now() - other.at < lifetimeMs;
    },
  };
}
