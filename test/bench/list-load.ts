/** Requests lists from several gateways in turn, after checking the response of each. */
import { type Contestant, measureInTurn, median } from './in-turn.ts';
import { keys, load } from './load.ts';
import type { Running } from './processes.ts';

export interface ListLoad<Name extends string> {
  /** Lists per second. */
  rate(name: Name): number;
  /** The rate of one divided by the other's. */
  ratio(name: Name, peer: Name): number;
  /** In milliseconds per list. */
  cpu(name: Name): number;
}

export interface ListLoadOptions {
  readonly id: number;
  readonly limit: number;
  readonly connections: number;
}

const rounds = 5;
const seconds = 1;

/** Throws if a response does not have the recordings of the list. */
export async function loadLists<Name extends string>(
  contestants: Readonly<Record<Name, Running>>,
  { id, limit, connections }: ListLoadOptions,
): Promise<ListLoad<Name>> {
  const names = Object.keys(contestants) as Name[];
  const used: Partial<Record<Name, number[]>> = {};
  const turns: Partial<Record<Name, Contestant>> = {};
  for (const name of names) {
    const { url, pid } = contestants[name];
    const asked = `${url}/recordings?type=powerdialer&id=${id}&limit=${limit}`;
    await assertList(asked, Math.min(id, limit));
    turns[name] = async () => {
      const { rate, cpu } = await load({ url: asked, pid, connections, seconds });
      used[name] = [...(used[name] ?? []), cpu];
      return rate;
    };
  }
  const measured = await measureInTurn(turns as Record<Name, Contestant>, rounds);
  return {
    rate: measured.median,
    ratio: measured.ratio,
    // The first round is a warm-up.
    cpu: (name) => median(used[name]?.slice(1) ?? []),
  };
}

async function assertList(url: string, count: number): Promise<void> {
  const headers = { Authorization: `Basic ${btoa(`${keys.accessKey}:${keys.secretAccessKey}`)}` };
  const response = await fetch(url, { headers });
  const body = await response.text();
  const found = body.match(/"sid":|<sid>/g)?.length ?? 0;
  if (response.status !== 200 || found < count) {
    throw new Error(`${url}: ${response.status} with ${found} of ${count}: ${body.slice(0, 200)}`);
  }
}
