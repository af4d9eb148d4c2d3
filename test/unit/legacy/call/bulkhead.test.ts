/** Slots for legacy calls are shared by account and by caller, in any order of arrival. */
import { describe, expect, test } from 'vitest';
import { createBulkhead } from '../../../../src/legacy/call/bulkhead.ts';

const never = new AbortController().signal;

function start(limit: number, queue = limit) {
  let time = 0;
  const bulkhead = createBulkhead({ limit, queue, lifetimeMs: 60_000, now: () => time });
  const events: string[] = [];
  const slots = new Map<string, (() => void)[]>();
  return {
    bulkhead,
    events,
    pass(ms: number) {
      time += ms;
    },
    /** As `account` or `account/subject`. */
    enter(name: string, signal: AbortSignal = never) {
      const [account = '', subject = account] = name.split('/');
      void bulkhead.enter({ account, subject }, signal).then(
        (leave) => {
          events.push(name);
          slots.set(name, [...(slots.get(name) ?? []), leave]);
        },
        (error) => events.push(`${name}: ${error.message}`),
      );
      return new Promise((resolve) => setTimeout(resolve));
    },
    async leave(name: string) {
      slots.get(name)?.shift()?.();
      await new Promise((resolve) => setTimeout(resolve));
    },
    held: (name: string) => slots.get(name)?.length ?? 0,
  };
}

async function repeat(times: number, work: () => unknown): Promise<void> {
  for (let count = 0; count < times; count++) await work();
}

describe('a share of the slots', () => {
  test('is the whole pool for an account that is alone', async () => {
    const { enter, held } = start(20);
    await repeat(20, () => enter('b'));
    expect(held('b')).toBe(20);
  });

  test('leaves a quarter to others seen lately', async () => {
    const { enter, leave, held, pass } = start(20);
    await enter('a');
    await leave('a');
    await repeat(40, () => enter('b'));
    expect(held('b')).toBe(15);
    await repeat(3, () => enter('a'));
    expect(held('a')).toBe(3);
    await repeat(10, () => enter('c'));
    expect(held('c')).toBe(1);
    await enter('d');
    expect(held('d')).toBe(1);
    pass(0);
  });

  test('is the whole pool again ten minutes later', async () => {
    const { enter, leave, held, pass } = start(20);
    await enter('a');
    await leave('a');
    pass(600_000);
    await repeat(20, () => enter('b'));
    expect(held('b')).toBe(20);
  });

  test('of a caller leaves half to others of its account', async () => {
    const { enter, leave, held } = start(20);
    await enter('a/owner');
    await leave('a/owner');
    await repeat(30, () => enter('a/link'));
    expect(held('a/link')).toBe(10);
    await repeat(3, () => enter('a/owner'));
    expect(held('a/owner')).toBe(3);
  });

  test('is at least one slot, if one is free', async () => {
    const { enter, leave, held } = start(2);
    await enter('a');
    await leave('a');
    await repeat(3, () => enter('b'));
    await enter('a');
    expect([held('a'), held('b')]).toEqual([1, 1]);
  });
});

describe('the queue', () => {
  test('serves the account that holds the fewest slots, however many wait before it', async () => {
    const { enter, leave, events } = start(4, 20);
    await repeat(10, () => enter('b'));
    await enter('a');
    await enter('c');
    events.length = 0;
    await repeat(3, () => leave('b'));
    // Others may take the last slot.
    expect(events).toEqual(['a', 'c']);
    await leave('a');
    expect(events).toEqual(['a', 'c', 'b']);
  });

  test('serves an account with one slot before one with two that waited longer', async () => {
    const { enter, leave, events } = start(20);
    for (const name of ['b', 'b', 'a']) await enter(name);
    for (let count = 0; count < 17; count++) await enter(`other-${count}`);
    await enter('b');
    await enter('a');
    events.length = 0;
    await leave('other-0');
    await leave('other-1');
    expect(events).toEqual(['a']);
  });

  test('takes accounts in turn, and callers of an account in turn', async () => {
    const { enter, leave, events } = start(1, 20);
    await enter('a');
    for (const name of ['b/1', 'b/1', 'b/2', 'c/1', 'c/1']) await enter(name);
    events.length = 0;
    for (const name of ['a', 'b/1', 'c/1', 'b/2', 'c/1']) await leave(name);
    expect(events).toEqual(['b/1', 'c/1', 'b/2', 'c/1', 'b/1']);
  });

  test('drops a call of the account with the most calls when it is full', async () => {
    const { enter, events, bulkhead } = start(1, 4);
    await repeat(5, () => enter('b'));
    events.length = 0;
    await enter('b');
    expect(events.splice(0)).toEqual(['b: overloaded']);
    await repeat(2, () => enter('a'));
    expect(events.splice(0)).toEqual(['b: overloaded', 'b: overloaded']);
    await enter('a');
    expect(events.splice(0)).toEqual(['a: overloaded']);
    await enter('a/link');
    expect(events.splice(0)).toEqual(['a: overloaded']);
    expect(bulkhead.waiting).toBe(4);
  });

  test('drops a call whose client has disconnected', async () => {
    const { enter, leave, events, bulkhead } = start(1);
    await enter('b');
    const client = new AbortController();
    await enter('a', client.signal);
    client.abort(new Error('gone'));
    await enter('c');
    await leave('b');
    expect(events).toEqual(['b', 'a: gone', 'c']);
    expect([bulkhead.running, bulkhead.waiting]).toEqual([1, 0]);
  });
});

test('slots that were never released expire, oldest first', async () => {
  const { enter, held, pass, bulkhead } = start(2);
  await enter('b');
  pass(30_000);
  await enter('b');
  pass(30_001);
  await repeat(2, () => enter('a'));
  expect([held('a'), bulkhead.running, bulkhead.waiting]).toEqual([1, 2, 1]);
  pass(30_000);
  await enter('c');
  expect([bulkhead.running, bulkhead.waiting]).toEqual([2, 1]);
});

test('a request whose client has disconnected takes no slot', async () => {
  const { enter, events, bulkhead } = start(1);
  await enter('a', AbortSignal.abort(new Error('gone')));
  expect(events).toEqual(['a: gone']);
  expect([bulkhead.running, bulkhead.waiting]).toEqual([0, 0]);
});

test('releasing a slot twice counts once', async () => {
  const { bulkhead } = start(1);
  const leave = await bulkhead.enter({ account: 'a', subject: 'a' }, never);
  leave();
  await bulkhead.enter({ account: 'b', subject: 'b' }, never);
  leave();
  expect(bulkhead.running).toBe(1);
});

test('100,000 accounts in turn leave no state behind', async () => {
  const { bulkhead } = start(10);
  for (let count = 0; count < 100_000; count++) {
    const leave = await bulkhead.enter({ account: `account-${count}`, subject: 'x' }, never);
    leave();
  }
  expect([bulkhead.running, bulkhead.waiting]).toEqual([0, 0]);
});
