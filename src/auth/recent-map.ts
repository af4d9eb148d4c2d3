/** A map with a bound: it keeps the entries set lately and forgets the others. */

export interface RecentMap<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
}

/**
 * Keeps at least the `maxEntries / 2` entries set last, and never more than `maxEntries`, an even number. Two generations, of which
 * the older is dropped whole: to take the oldest entry out of one Map costs time that grows with the Map.
 */
export function createRecentMap<Value>(maxEntries: number): RecentMap<Value> {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  return {
    get: (key) => young.get(key) ?? old.get(key),
    set(key, value) {
      if (young.size >= maxEntries / 2 && !young.has(key)) {
        old = young;
        young = new Map();
      }
      young.set(key, value);
    },
    delete(key) {
      young.delete(key);
      old.delete(key);
    },
  };
}
