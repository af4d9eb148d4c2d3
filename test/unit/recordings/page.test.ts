/** Pages of a list that changes between requests. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hmac } from '#test-streams';
import { type LegacyRecording, toLegacyRecording } from '../../../src/legacy/list/recording.ts';
import type { RecordBatches } from '../../../src/legacy/list/records.ts';
import { maxCursor, readCursor, writeCursor } from '../../../src/recordings/cursor.ts';
import { LostPositionError, type Page, type Position, readPage } from '../../../src/recordings/page.ts';

/** Numbers are in order of date; `sharing` consecutive ones have the same date. */
const toRecording = (number: number, sharing = 1) =>
  toLegacyRecording({
    sid: String(number).padStart(16, '0'),
    dnis: null,
    number_connected: null,
    minutes: null,
    date: new Date(Date.UTC(2019, 0, 1) + Math.floor(number / sharing) * 60_000)
      .toISOString()
      .slice(0, 19)
      .replace('T', ' '),
  });

async function* inBatches(list: readonly LegacyRecording[], size = 7): RecordBatches {
  for (let from = 0; from < list.length; from += size) yield list.slice(from, from + size);
  return [];
}

const everything = () => true;

describe('walking a list', () => {
  test('returns every unchanged recording once while others are added and removed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          count: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 60 })),
          limit: fc.integer({ min: 1, max: 12 }),
          descending: fc.boolean(),
          sharing: fc.constantFrom(1, 4, 12),
          changes: fc.array(
            fc.record({
              remove: fc.array(fc.nat(60), { maxLength: 25 }),
              add: fc.array(fc.nat(120), { maxLength: 4 }),
            }),
            { maxLength: 30 },
          ),
        }),
        async ({ count, limit, descending, sharing, changes }) => {
          const initial = Array.from({ length: count }, (_, index) => index * 2);
          let present = new Set(initial);
          const touched = new Set<number>();
          const seen: string[] = [];
          let after: Position | null = null;
          for (let step = 0; step === 0 || after; step++) {
            const order = [...present].sort((a, b) => (descending ? b - a : a - b));
            const list = order.map((number) => toRecording(number, sharing));
            const page: Page<LegacyRecording> | null = await readPage(inBatches(list), {
              limit,
              after,
              isWanted: everything,
            }).catch((error: unknown) => {
              // With shared dates the position may be lost; the walk must then fail instead of skipping.
              if (sharing > 1 && error instanceof LostPositionError) return null;
              throw error;
            });
            if (!page) return;
            expect(page.recordings.length).toBeLessThanOrEqual(limit);
            seen.push(...page.recordings.map(({ sid }) => sid));
            after = page.next;
            const change = changes[step];
            if (!change) continue;
            // Added recordings are odd, between the others; a removed one never returns.
            for (const index of change.remove) touched.add(index * 2);
            for (const index of change.add) touched.add(index * 2 + 1);
            present = new Set([...present, ...change.add.map((index) => index * 2 + 1)]);
            for (const index of change.remove) present.delete(index * 2);
          }
          expect(new Set(seen).size).toBe(seen.length);
          const untouched = initial
            .filter((number) => !touched.has(number))
            .map((number) => toRecording(number).sid);
          expect(seen).toEqual(expect.arrayContaining(untouched));
        },
      ),
      { numRuns: Number(process.env.PAGE_RUNS ?? 2000) },
    );
  });

  test('ends and skips nothing in a list that has a sid several times', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        async (numbers, limit, isFiltered) => {
          const list = numbers.map((number) => toRecording(number, 3));
          const isWanted = ({ sid }: { sid: string }) => !isFiltered || !sid.endsWith('0');
          const wanted = list.filter(isWanted);
          const seen: LegacyRecording[] = [];
          let after: Position | null = null;
          do {
            const page: Page<LegacyRecording> = await readPage(inBatches(list), { limit, after, isWanted });
            seen.push(...page.recordings);
            after = page.next;
          } while (after && seen.length < wanted.length + limit);
          expect({ after, seen }).toEqual({ after: null, seen: wanted });
        },
      ),
    );
  });

  test('reads no further than its page in a list that grows at either end', async () => {
    const list = Array.from({ length: 40 }, (_, index) => toRecording(100 - index));
    const options = { limit: 2, isWanted: everything };
    const { next } = await readPage(inBatches(list), { ...options, after: null });
    for (const grown of [
      [toRecording(101), ...list],
      [...list, toRecording(1)],
    ]) {
      const batches = inBatches(grown, 1);
      const page = await readPage(batches, { ...options, after: next });
      expect(page.recordings).toEqual(list.slice(2, 4));
      expect(await batches.next()).toEqual({ done: true, value: undefined });
      expect(grown.indexOf(page.following ?? toRecording(0))).toBeLessThan(6);
    }
  });

  test('closes the legacy list as soon as the page is full', async () => {
    let isClosed = false;
    let batches = 0;
    async function* endless(): RecordBatches {
      try {
        for (; ; batches++) yield [toRecording(batches)];
      } finally {
        isClosed = true;
      }
    }
    const page = await readPage(endless(), { limit: 3, after: null, isWanted: everything });
    expect(page.recordings).toHaveLength(3);
    expect({ isClosed, batches }).toEqual({ isClosed: true, batches: 3 });
  });

  test('derives the order of a list from the next recording, if one of them remains', async () => {
    const options = { limit: 1, isWanted: everything };
    for (const order of [
      [1, 2, 3],
      [3, 2, 1],
    ]) {
      const list = order.map((number) => toRecording(number));
      const left = list.slice(-1);
      const page = await readPage(inBatches(list), { ...options, after: null });
      const rest = await readPage(inBatches(left), { ...options, after: page.next });
      expect(rest.recordings).toEqual(left);
    }
  });

  test.each([
    ['dates that do not sort', '2/20/2019 20:42:11', '2/20/2019 20:42:12', '10/1/2019 00:00:00'],
    ['an unknown order', '2019-02-20 20:42:11', '2019-02-20 20:42:11', '2019-02-20 20:42:12'],
  ])('does not guess a position by %s', async (_, date, nextDate, left) => {
    const after = { anchors: ['gone'], date, nextDate, passed: 1 };
    const list = [{ ...toRecording(1), date: left }];
    await expect(readPage(inBatches(list), { limit: 2, after, isWanted: everything })).rejects.toThrow(
      LostPositionError,
    );
  });

  test('does not guess a position in an unordered list', async () => {
    const list = [5, 1, 9, 3].map((number) => toRecording(number));
    const after = { anchors: ['gone'], date: toRecording(4).date, nextDate: toRecording(5).date, passed: 3 };
    await expect(readPage(inBatches(list), { limit: 2, after, isWanted: everything })).rejects.toThrow(
      LostPositionError,
    );
  });
});

const tokenKey = new Uint8Array(32).map((_, index) => index);
const otherKey = new Uint8Array(32).map((_, index) => index + 1);

describe.each([
  ['the account secret', []],
  ['TOKEN_KEYS', [tokenKey]],
])('a cursor signed by %s', (_, tokenKeys) => {
  const credentials = { accessKey: 'foofoofoo', secretAccessKey: 'foobarfoo' };
  const binding = {
    credentials,
    tokenKeys,
    hmac,
    query: { type: 'findme', id: '1234', from: undefined, to: undefined },
  };
  const position = {
    anchors: ['0932654521723728', 'é☃'],
    date: '2019-02-20 20:42:11',
    nextDate: '2019-02-20 20:42:12',
    passed: 2,
    startedAt: 1_798_761_600_000,
    snapshot: { id: '2bf2071e-4973-43de-959d-f752d911692f', offset: 23_000 },
  };

  test('is read back unchanged', async () => {
    expect(await readCursor(await writeCursor(position, binding), binding)).toEqual(position);
  });

  test('of another release is rejected', async () => {
    const { anchors, date, nextDate } = position;
    const older = { anchors, date, nextDate } as typeof position;
    expect(await readCursor(await writeCursor(older, binding), binding)).toBeNull();
  });

  test('drops its oldest anchors to stay within the accepted length', async () => {
    const anchors = Array.from({ length: 16 }, (_, index) => '☃'.repeat(256) + index);
    const cursor = await writeCursor({ ...position, anchors }, binding);
    expect(cursor.length).toBeLessThanOrEqual(maxCursor);
    const read = await readCursor(cursor, binding);
    expect(read).toEqual({ ...position, anchors: anchors.slice(-(read?.anchors.length ?? 0)) });
  });

  test.each([
    ['another account', { ...binding, credentials: { ...credentials, accessKey: 'foofoofop' } }],
    ['another secret', { ...binding, credentials: { ...credentials, secretAccessKey: 'foobarfop' } }],
    ['another list', { ...binding, query: { ...binding.query, id: '1235' } }],
    ['another filter', { ...binding, query: { ...binding.query, from: '2019-01-01' } }],
  ])('is invalid for %s', async (_, other) => {
    expect(await readCursor(await writeCursor(position, binding), other)).toBeNull();
  });

  test('is invalid after any change of one bit, and when truncated', async () => {
    const cursor = await writeCursor(position, binding);
    for (let index = 0; index < cursor.length; index++) {
      expect(await readCursor(cursor.slice(0, index), binding)).toBeNull();
      for (let bit = 0; bit < 7; bit++) {
        const changed = String.fromCharCode(cursor.charCodeAt(index) ^ (1 << bit));
        expect(
          await readCursor(cursor.slice(0, index) + changed + cursor.slice(index + 1), binding),
        ).toBeNull();
      }
    }
  });
});

describe('a cursor signed by TOKEN_KEYS', () => {
  const credentials = { accessKey: 'foofoofoo', secretAccessKey: 'foobarfoo' };
  const position = { anchors: ['1'], date: null, nextDate: null, passed: 1, startedAt: 0, snapshot: null };
  const by = (...tokenKeys: Uint8Array[]) => ({
    credentials,
    tokenKeys,
    hmac,
    query: { type: 'findme', id: '1' },
  });

  test('outlives one rotation of the keys', async () => {
    const cursor = await writeCursor(position, by(tokenKey));
    expect(await readCursor(cursor, by(otherKey, tokenKey))).toEqual(position);
    expect(await readCursor(cursor, by(otherKey))).toBeNull();
  });

  test('cannot test guesses of the account secret: the right one alone verifies nothing', async () => {
    expect(await readCursor(await writeCursor(position, by(tokenKey)), by())).toBeNull();
    expect(await readCursor(await writeCursor(position, by()), by(tokenKey))).toBeNull();
  });
});
