/** Rows of the bench, each of which measures itself, and the lines of their table. */

/** Applies to the ratio if a line has one, otherwise to its value. */
export type Goal = { readonly atLeast: number } | { readonly atMost: number };

export interface Line {
  readonly what: string;
  readonly value: number;
  /** Of `value` and of the peer's. */
  readonly unit: string;
  /** The peer's value, measured in turn. */
  readonly peer?: { readonly name: string; readonly value: number };
  /** Our value divided by the peer's. */
  readonly ratio?: number;
  readonly goal?: Goal;
}

/** A measurement that this machine cannot make. */
export interface Skipped {
  readonly what: string;
  readonly skipped: string;
}

export interface Row {
  /** Selects the row: `npm run bench -- name`. */
  readonly name: string;
  /** Starts and stops what it needs on loopback. Throws for a wrong response. */
  measure(): Promise<readonly (Line | Skipped)[]>;
}

/** Null for a line without a goal. */
export function isMet({ value, ratio, goal }: Line): boolean | null {
  if (!goal) return null;
  const figure = ratio ?? value;
  return 'atLeast' in goal ? figure >= goal.atLeast : figure <= goal.atMost;
}
