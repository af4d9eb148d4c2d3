/** Measures contestants in turn (A B A B …), so that other load on the machine affects all of them. */

/** One measurement, in any unit. */
export type Contestant = () => number | Promise<number>;

export interface InTurn<Name extends string> {
  median(name: Name): number;
  /** The median of the ratios within each round, which slowly changing load does not affect. */
  ratio(name: Name, peer: Name): number;
}

/** The first round is a warm-up and does not count. */
export async function measureInTurn<Name extends string>(
  contestants: Readonly<Record<Name, Contestant>>,
  rounds: number,
): Promise<InTurn<Name>> {
  const names = Object.keys(contestants) as Name[];
  const measured: Record<Name, number>[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const figures: Partial<Record<Name, number>> = {};
    for (const name of names) figures[name] = await contestants[name]();
    if (round > 0) measured.push(figures as Record<Name, number>);
  }
  return {
    median: (name) => median(measured.map((figures) => figures[name])),
    ratio: (name, peer) => median(measured.map((figures) => figures[name] / figures[peer])),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = low] = sorted.slice(middle - 1 + (sorted.length % 2), middle + 1);
  return (low + high) / 2;
}
