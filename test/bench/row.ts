/** What the bench is made of: rows that measure by themselves, and the lines of the table that they give. */

/** A value to reach; of the ratio where a line has one, else of its value. */
export type Goal = { readonly atLeast: number } | { readonly atMost: number };

export interface Line {
  readonly what: string;
  readonly value: number;
  /** Of `value` and of the peer's. */
  readonly unit: string;
  /** The same, measured in turn with it. */
  readonly peer?: { readonly name: string; readonly value: number };
  /** Ours by the peer's. */
  readonly ratio?: number;
  readonly goal?: Goal;
}

/** What could not be measured here. */
export interface Skipped {
  readonly what: string;
  readonly skipped: string;
}

export interface Row {
  /** By which it is chosen: `npm run bench -- name`. */
  readonly name: string;
  /** Starts what it needs on loopback, and ends it. Throws where an answer is not what it should be. */
  measure(): Promise<readonly (Line | Skipped)[]>;
}

/** Null where a line has no goal. */
export function isMet({ value, ratio, goal }: Line): boolean | null {
  if (!goal) return null;
  const figure = ratio ?? value;
  return 'atLeast' in goal ? figure >= goal.atLeast : figure <= goal.atMost;
}
