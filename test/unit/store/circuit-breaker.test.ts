/** The circuit of a store that does not respond: what opens it, who is rejected meanwhile, and the probe that closes it. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createStoreCircuit, type StoreCircuit } from '../../../src/store/circuit-breaker.ts';
import { CircuitOpenError, StoreError } from '../../../src/store/failure.ts';
import type { ObjectStore } from '../../../src/store/object-store.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Behaviour = () => Promise<null>;

const respond: Behaviour = async () => null;
const hang: Behaviour = () => new Promise(() => {});
const later = (ms: number, outcome: Behaviour): Behaviour => {
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return await outcome();
  };
};
const fail: Behaviour = () => Promise.reject(new Error('down'));

function start(behaviour: Behaviour = hang) {
  const state = { behaviour };
  const calls: string[] = [];
  const changes: boolean[] = [];
  const work: Promise<unknown>[] = [];
  const call = (name: string) => {
    calls.push(name);
    return state.behaviour();
  };
  const store: ObjectStore = {
    head: (key) => call(`head ${key}`),
    get: () => call('get'),
    put: () => call('put'),
    list: async () => {
      await call('list');
      return { keys: [], cursor: null };
    },
    delete: async () => void (await call('delete')),
    honoursConditions: async () => true,
    write: () => ({ write: async () => {}, close: async () => {}, abort: async () => {} }),
  };
  const circuit = createStoreCircuit({
    store,
    waitUntil: (more) => work.push(more),
    scope: 'store',
    log: ({ event }) => changes.push(event === 'circuit-opened'),
  });
  return { circuit, state, calls, changes, work };
}

/** Two reads, as of one play, and the time in which they settle or are given up. */
async function play({ optional }: StoreCircuit): Promise<void> {
  for (const read of [optional.head('key'), optional.get('key')]) read.catch(() => {});
  await vi.advanceTimersByTimeAsync(5000);
}

const open = async (behaviour?: Behaviour) => {
  const started = start(behaviour);
  await play(started.circuit);
  started.calls.length = 0;
  return started;
};

const expectRejected = async (calling: Promise<unknown>) =>
  await expect(calling).rejects.toThrow(CircuitOpenError);

describe('the circuit opens', () => {
  test.each<[string, Behaviour]>([
    ['do not respond', hang],
    ['fail after a second', later(1000, fail)],
    ['respond too late', later(5001, respond)],
  ])('once both reads of one play %s', async (_name, behaviour) => {
    const { circuit, changes } = await open(behaviour);
    await vi.advanceTimersByTimeAsync(10);
    expect(circuit.state()).toBe('open');
    expect(changes).toEqual([true]);
  });

  test.each<[string, Behaviour]>([
    ['find nothing', respond],
    ['fail at once', fail],
    ['take four seconds', later(4000, respond)],
  ])('never while reads %s', async (_name, behaviour) => {
    const { circuit, changes } = start(behaviour);
    for (let count = 0; count < 20; count += 1) await play(circuit);
    expect(circuit.state()).toBe('closed');
    expect(changes).toEqual([]);
  });

  test('never while every second read responds', async () => {
    const { circuit, state } = start();
    for (let count = 0; count < 10; count += 1) {
      state.behaviour = hang;
      circuit.optional.head('key').catch(() => {});
      await vi.advanceTimersByTimeAsync(5000);
      state.behaviour = respond;
      await circuit.optional.head('key');
    }
    expect(circuit.state()).toBe('closed');
  });

  test.each(['put', 'delete'] as const)('never because of %s, which callers can slow down', async (name) => {
    const { circuit } = start();
    for (let count = 0; count < 5; count += 1) {
      const call = {
        put: () => circuit.optional.put('key', ''),
        delete: () => circuit.optional.delete(['key']),
      };
      void call[name]();
      await vi.advanceTimersByTimeAsync(6000);
    }
    expect(circuit.state()).toBe('closed');
  });

  test('in its own process only', async () => {
    await open();
    expect(start().circuit.state()).toBe('closed');
  });
});

describe('while the circuit is open', () => {
  test('caches are rejected at once, without a call', async () => {
    const { circuit, calls } = await open();
    const { optional } = circuit;
    await expectRejected(optional.head('key'));
    await expectRejected(optional.get('key'));
    await expectRejected(optional.list('prefix'));
    await expectRejected(optional.put('key', ''));
    await expectRejected(optional.delete(['key']));
    expect(calls).toEqual([]);
  });

  test('requests that need the store are rejected with the seconds that remain', async () => {
    const { circuit, calls } = await open();
    const { required } = circuit;
    await vi.advanceTimersByTimeAsync(9500);
    const cause = await required.get('key').catch((error: unknown) => error);
    expect(new StoreError({ kind: 'upload-not-stored' }, { cause })).toMatchObject({ retryAfterSeconds: 21 });
    expect(() => required.write('key', { lengthBytes: null })).toThrow(CircuitOpenError);
    await expectRejected(required.honoursConditions());
    expect(calls).toEqual([]);
  });

  test('outcomes of finished work are still written', async () => {
    const { circuit, state, calls } = await open();
    state.behaviour = respond;
    await circuit.required.put('key', '');
    await circuit.required.delete(['key']);
    expect(calls).toEqual(['put', 'delete']);
  });
});

describe('after the circuit was open for 30 s', () => {
  test('one probe is sent behind the responses, and closes it', async () => {
    const { circuit, state, calls, changes, work } = await open();
    state.behaviour = later(100, respond);
    await vi.advanceTimersByTimeAsync(29_999);
    await expectRejected(circuit.optional.get('key'));
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(circuit.state()).toBe('half-open');
    for (let count = 0; count < 100; count += 1) await expectRejected(circuit.optional.get('key'));
    expect(calls).toEqual(['head probe/circuit']);
    expect(work).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(circuit.state()).toBe('closed');
    expect(changes).toEqual([true, false]);
    state.behaviour = respond;
    expect(await circuit.optional.get('key')).toBeNull();
  });

  test('a probe without a response leaves it open for as long again, without an event', async () => {
    const { circuit, calls, changes } = await open();
    for (let count = 1; count <= 5; count += 1) {
      await vi.advanceTimersByTimeAsync(40_000);
      await expectRejected(circuit.optional.get('key'));
      await vi.advanceTimersByTimeAsync(5000);
      expect(circuit.state()).toBe('open');
      expect(calls).toHaveLength(count);
    }
    expect(changes).toEqual([true]);
  });

  test('the first request that needs the store is the probe', async () => {
    const { circuit, state, calls } = await open();
    state.behaviour = later(100, respond);
    await vi.advanceTimersByTimeAsync(30_000);
    const needed = circuit.required.get('key');
    await expectRejected(circuit.required.get('key'));
    await expectRejected(circuit.optional.get('key'));
    await vi.advanceTimersByTimeAsync(100);
    expect(await needed).toBeNull();
    expect(calls).toEqual(['get']);
    expect(circuit.state()).toBe('closed');
  });
});
