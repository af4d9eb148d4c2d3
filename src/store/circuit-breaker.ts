/**
 * Keeps requests from waiting for a store that does not respond. Only reads decide: a write may be slow because of its
 * caller, and R2 rejects concurrent writes of one key.
 */
import {
  type CircuitState,
  createCircuit,
  createCircuitRules,
  toCircuitEvent,
} from '../primitives/circuit.ts';
import { CircuitOpenError } from './failure.ts';
import type { ObjectStore } from './object-store.ts';
import { storeTimeoutMs } from './timeout.ts';

export interface StoreCircuit {
  /**
   * For caches. Rejects at once with CircuitOpenError until the circuit is closed; a probe behind the response closes
   * it, so that no client waits for one.
   */
  readonly optional: ObjectStore;
  /**
   * For requests that nothing else can serve. Reads and new streams reject at once while the circuit is open; later,
   * the first read is the probe. `put` and `delete` are always sent, since they may record what has already happened.
   */
  readonly required: ObjectStore;
  state(): CircuitState;
}

export interface StoreCircuitOptions {
  readonly store: ObjectStore;
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Called when the circuit opens and when it closes, not each time that a probe fails. */
  readonly log: (event: Readonly<Record<string, unknown>>) => void;
  /** Names the store in the log. */
  readonly scope: 'store' | 'export-store';
}

/** Slow reads in a row that open the circuit: those of one play. */
const threshold = 2;

const openForMs = 30_000;

/** A read that fails sooner delays no client. Retries, such as those of a throttled S3 client, take longer. */
const slowFailureMs = 1000;

/** Need not exist. */
const probeKey = 'probe/circuit';

export function createStoreCircuit({ store, waitUntil, log, scope }: StoreCircuitOptions): StoreCircuit {
  const rules = createCircuitRules({ threshold, openForMs, now: () => Date.now() });
  const circuit = createCircuit();

  function change(rule: 'fail' | 'close'): void {
    const wasClosed = rules.state(circuit) === 'closed';
    rules[rule](circuit);
    const isClosed = rules.state(circuit) === 'closed';
    if (isClosed !== wasClosed) log(toCircuitEvent({ isOpen: !isClosed, scope, caller: null }));
  }

  /** Counts the first outcome: a response after the limit closes nothing. */
  async function watch<Value>(read: () => Promise<Value>): Promise<Value> {
    rules.begin(circuit);
    const startedAt = Date.now();
    let isCounted = false;
    const count = (rule: 'fail' | 'close') => {
      if (!isCounted) change(rule);
      isCounted = true;
    };
    const timer = setTimeout(() => count('fail'), storeTimeoutMs);
    try {
      const value = await read();
      count('close');
      return value;
    } catch (cause) {
      count(Date.now() - startedAt < slowFailureMs ? 'close' : 'fail');
      throw cause;
    } finally {
      clearTimeout(timer);
    }
  }

  function assertNotOpen(): void {
    const leftMs = rules.leftMs(circuit);
    if (leftMs > 0) throw new CircuitOpenError(leftMs);
  }

  function assertClosed(): void {
    assertNotOpen();
    if (rules.state(circuit) === 'closed') return;
    waitUntil(watch(() => store.head(probeKey)).catch(() => {}));
    throw new CircuitOpenError(0);
  }

  function toReads(admit: () => void): Pick<ObjectStore, 'head' | 'get' | 'list'> {
    async function read<Value>(call: () => Promise<Value>): Promise<Value> {
      admit();
      return await watch(call);
    }
    return {
      head: (key) => read(() => store.head(key)),
      get: (key, options) => read(() => store.get(key, options)),
      list: (prefix, cursor) => read(() => store.list(prefix, cursor)),
    };
  }

  return {
    state: () => rules.state(circuit),
    optional: {
      ...store,
      ...toReads(assertClosed),
      async put(key, body, options) {
        assertClosed();
        return await store.put(key, body, options);
      },
      async delete(keys) {
        assertClosed();
        await store.delete(keys);
      },
    },
    required: {
      ...store,
      ...toReads(assertNotOpen),
      write(key, options) {
        assertNotOpen();
        return store.write(key, options);
      },
      async honoursConditions() {
        assertNotOpen();
        return await store.honoursConditions();
      },
    },
  };
}
