/** The store under test, one per runtime, and its content. */
import { store } from '#test-store';
import type { ObjectStore } from '../../src/store/object-store.ts';

export { store } from '#test-store';

/** The keys of all objects under a prefix in the store under test. */
export async function stored(prefix = ''): Promise<string[]> {
  const keys = await listKeys(store, prefix);
  // A key without an object is what an S3 server kept of a PUT that broke off.
  const objects = await Promise.all(keys.map((key) => store.head(key)));
  return keys.filter((_, index) => objects[index] !== null);
}

export async function listKeys(store: ObjectStore, prefix = ''): Promise<string[]> {
  const keys: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await store.list(prefix, cursor);
    keys.push(...page.keys);
    cursor = page.cursor;
  }
  return keys;
}

export async function clearStore(): Promise<void> {
  const keys = await listKeys(store);
  if (keys.length > 0) await store.delete(keys);
}

/**
 * A step of the store that a test can make fail: a method of the port, or of a writer (`writer.write`,
 * `writer.close`, `writer.abort`).
 */
export type StoreStep =
  | Exclude<keyof ObjectStore, 'write' | 'honoursConditions'>
  | 'writer.write'
  | 'writer.close'
  | 'writer.abort';

export interface StoreCall {
  readonly step: StoreStep;
  readonly args: readonly unknown[];
  /** Does the requested work. */
  run(): Promise<unknown>;
}

/** A store whose calls all go through `around`. */
export function wrapStore(around: (call: StoreCall) => Promise<unknown>, target = store): ObjectStore {
  const wrap = <Target extends object>(object: Target, prefix: string): Target =>
    new Proxy(object, {
      get(_, name) {
        const method: unknown = Reflect.get(object, name);
        if (typeof method !== 'function' || name === 'honoursConditions') return method;
        return (...args: unknown[]) => {
          const run = () => Reflect.apply(method, object, args);
          if (prefix === '' && name === 'write') return wrap(run(), 'writer.');
          return around({ step: `${prefix}${String(name)}` as StoreStep, args, run });
        };
      },
    });
  return wrap(target, '');
}
