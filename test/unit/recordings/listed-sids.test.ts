/** Membership of a list: how often the list is requested, how long the result is cached, and that memory is bounded. */
import { expect, it } from 'vitest';
import { createCaller } from '../../../src/auth/caller.ts';
import { createCallTrace } from '../../../src/legacy/call/trace.ts';
import { toLegacyRecording } from '../../../src/legacy/list/recording.ts';
import { createListedSids } from '../../../src/recordings/listed-sids.ts';

const contextOf = async (accessKey: string) => ({
  caller: await createCaller({
    credentials: { accessKey, secretAccessKey: 'secret' },
    scopes: [],
    bringsOwnKeys: true,
    authMethod: 'token',
    expiresAt: null,
  }),
  signal: new AbortController().signal,
  trace: createCallTrace(),
  requestId: 'r',
  onStoreResult: () => {},
});

const a = await contextOf('a');
const b = await contextOf('b');

function start({ maxSids = 1000 } = {}) {
  const lists: Record<string, string[]> = { 1: ['s1', 's2', 's3'], 2: ['t1'] };
  let timeMs = 0;
  let calls = 0;
  const isListed = createListedSids({
    maxSids,
    now: () => timeMs,
    legacy: {
      async *list({ id }) {
        calls += 1;
        for (const sid of lists[id] ?? []) {
          yield [toLegacyRecording({ sid, dnis: null, number_connected: null, minutes: null, date: null })];
        }
        return [];
      },
    },
  });
  return {
    ask: (sid: string, id = '1', context = a) => isListed(sid, { type: 'findme', id }, context),
    lists,
    advance: (milliseconds: number) => {
      timeMs += milliseconds;
    },
    calls: () => calls,
  };
}

it('requests a list once for all sids in it', async () => {
  const { ask, calls } = start();
  expect([await ask('s3'), await ask('s1'), await ask('s2'), calls()]).toEqual([true, true, true, 1]);
});

it('requests it again for a sid after the one that ended the search', async () => {
  const { ask, calls } = start();
  expect([await ask('s1'), await ask('s3'), calls()]).toEqual([true, true, 2]);
});

it('rejects made-up sids from the last complete search for ten seconds, then sees new recordings', async () => {
  const { ask, calls, advance, lists } = start();
  for (const sid of ['x1', 'x2', 'x3', 'x1']) expect(await ask(sid)).toBe(false);
  expect(calls()).toBe(1);
  lists[1]?.push('x1');
  advance(9999);
  expect([await ask('x1'), calls()]).toEqual([false, 1]);
  advance(1);
  expect([await ask('x1'), calls()]).toEqual([true, 2]);
});

it('requests it again for a known sid after five minutes', async () => {
  const { ask, calls, advance, lists } = start();
  await ask('s1');
  lists[1] = [];
  advance(299_999);
  expect([await ask('s1'), calls()]).toEqual([true, 1]);
  advance(1);
  expect([await ask('s1'), calls()]).toEqual([false, 2]);
});

it('keeps accounts and lists apart', async () => {
  const { ask, calls } = start();
  await ask('s3');
  expect([await ask('s3', '2'), calls()]).toEqual([false, 2]);
  expect([await ask('s3', '1', b), calls()]).toEqual([true, 3]);
});

it('evicts the oldest lists beyond its bound, and stays correct for larger lists', async () => {
  const { ask, calls, lists } = start({ maxSids: 100 });
  lists[3] = Array.from({ length: 500 }, (_, index) => `u${index}`);
  expect([await ask('s3'), await ask('t1', '2'), calls()]).toEqual([true, true, 2]);
  expect([await ask('u499', '3'), await ask('u499', '3'), await ask('u450', '3')]).toEqual([
    true,
    true,
    true,
  ]);
  expect(await ask('nowhere', '3')).toBe(false);
  for (let id = 10; id < 200; id += 1) {
    lists[id] = ['v'];
    await ask('v', String(id));
  }
  const before = calls();
  await ask('s3');
  expect(calls()).toBe(before + 1);
});

it('caches nothing of a failed search', async () => {
  let calls = 0;
  const isListed = createListedSids({
    legacy: {
      // biome-ignore lint/correctness/useYield: it fails before the first batch
      async *list() {
        calls += 1;
        throw new Error('down');
      },
    },
  });
  const ask = () => isListed('s1', { type: 'findme', id: '1' }, a);
  await expect(ask()).rejects.toThrow('down');
  await expect(ask()).rejects.toThrow('down');
  expect(calls).toBe(2);
});
