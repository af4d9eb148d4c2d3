/** Walks of a list that changes between their pages, while snapshots come and go, and without snapshots. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOwner } from '../../src/auth/caller.ts';
import { createCallTrace } from '../../src/legacy/call/trace.ts';
import { type LegacyRecording, toLegacyRecording } from '../../src/legacy/list/recording.ts';
import type { RecordBatches } from '../../src/legacy/list/records.ts';
import { createDeletedSids } from '../../src/recordings/deleted-sids.ts';
import { LostPositionError } from '../../src/recordings/page.ts';
import { toJsonLine } from '../../src/recordings/recording.ts';
import { createListSnapshots } from '../../src/recordings/snapshots.ts';
import { type Place, readWalkPage, type WalkPage, type WalkQuery } from '../../src/recordings/walk.ts';
import { clearStore, store, stored } from '../support/test-store.ts';

beforeAll(clearStore);
afterAll(clearStore);

const toRecording = (number: number, sharing = 1) =>
  toLegacyRecording({
    sid: String(number).padStart(16, '0'),
    dnis: number % 3 === 0 ? 'é☃"\\' : '8475551234',
    number_connected: null,
    minutes: '1.0',
    date: new Date(Date.UTC(2019, 0, 1) + Math.floor(number / sharing) * 60_000)
      .toISOString()
      .slice(0, 19)
      .replace('T', ' '),
  });

async function* inBatches(list: readonly LegacyRecording[], size = 7): RecordBatches {
  for (let from = 0; from < list.length; from += size) yield list.slice(from, from + size);
  return [];
}

const change = fc.record({
  remove: fc.array(fc.nat(60), { maxLength: 10 }),
  add: fc.array(fc.nat(120), { maxLength: 4 }),
  /** Whether the gateway deletes what is removed, or another client of the legacy service. */
  deletes: fc.boolean(),
  losesSnapshot: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
});

const changing = fc.record({
  count: fc.integer({ min: 0, max: 60 }),
  limit: fc.integer({ min: 1, max: 12 }),
  descending: fc.boolean(),
  sharing: fc.constantFrom(1, 4),
  order: fc.constantFrom(null, 'asc' as const, 'desc' as const),
  changes: fc.array(change, { maxLength: 30 }),
});

const sidsOf = ({ recordings }: WalkPage): string[] =>
  JSON.parse(`[${new TextDecoder().decode(recordings)}]`).map(({ sid }: { sid: string }) => sid);

const numRuns = Number(process.env.WALK_RUNS ?? 50);
let accounts = 0;

const ways = [
  ['with snapshots', true],
  ['without a store', false],
] as const;

test.each(ways)(
  'gives every untouched recording once, and none that was deleted, %s',
  {
    timeout: 60_000 + numRuns * 500,
  },
  async (_way, isStored) => {
    await fc.assert(
      fc.asyncProperty(changing, async ({ count, limit, descending, sharing, order, changes }) => {
        accounts += 1;
        const caller = await createOwner({ accessKey: `account ${accounts}`, secretAccessKey: 'secret' });
        const context = {
          caller,
          signal: new AbortController().signal,
          trace: createCallTrace(),
          requestId: 'walk',
          onStoreResult: () => {},
        };
        const initial = Array.from({ length: count }, (_, index) => index * 2);
        let present = new Set(initial);
        const background: Promise<unknown>[] = [];
        const deletedSids = createDeletedSids(store);
        const onStoreFailure = (cause: unknown) => {
          throw cause;
        };
        const toLine = (recording: LegacyRecording) => toJsonLine(recording, () => null);
        const snapshots = createListSnapshots({
          store,
          toLine,
          form: '',
          waitUntil: (work) => background.push(work),
          onFailure: onStoreFailure,
          responseMs: 2000,
        });
        const services = {
          legacy: {
            list() {
              const sorted = [...present].sort((a, b) => (descending ? b - a : a - b));
              return inBatches(sorted.map((number) => toRecording(number, sharing)));
            },
          },
          listSnapshots: isStored ? snapshots : null,
          deletedSids: isStored ? deletedSids : null,
          verifiedAccounts: { ensure: async () => {}, has: () => true, renew: () => {}, drop: () => {} },
          toLine,
          onStoreFailure,
        };
        const touched = new Set<number>();
        const deleted = new Set<string>();
        const seen: string[] = [];
        let after: Place | null = null;
        for (let step = 0; step === 0 || after; step += 1) {
          const query: WalkQuery = { list: { type: 'findme', id: '1' }, order, isWanted: null, limit, after };
          const page: WalkPage | null = await readWalkPage(services, query, context).catch(
            (error: unknown) => {
              // Shared dates may not tell a place; then the walk ends with an error and loses nothing.
              if (sharing > 1 && error instanceof LostPositionError) return null;
              throw error;
            },
          );
          if (!page) return;
          const sids = sidsOf(page);
          expect(sids.length).toBeLessThanOrEqual(limit);
          expect(sids.filter((sid) => deleted.has(sid))).toEqual([]);
          seen.push(...sids);
          after = page.next;
          const next = changes[step];
          if (!next) continue;
          for (const index of next.remove) {
            const { sid } = toRecording(index * 2);
            touched.add(index * 2);
            present.delete(index * 2);
            if (!next.deletes) continue;
            deleted.add(sid);
            if (isStored) await deletedSids.add({ accountId: caller.accountId, sid }, 'deleted');
          }
          present = new Set([...present, ...next.add.map((index) => index * 2 + 1)]);
          if (next.losesSnapshot) {
            await Promise.all(background);
            const keys = await stored(`lists/${caller.accountId}/of-`);
            if (keys.length > 0) await store.delete(keys);
          }
        }
        await Promise.all(background);
        expect(new Set(seen).size).toBe(seen.length);
        const untouched = initial
          .filter((number) => !touched.has(number))
          .map((number) => toRecording(number).sid);
        expect(seen).toEqual(expect.arrayContaining(untouched));
      }),
      { numRuns },
    );
  },
);
