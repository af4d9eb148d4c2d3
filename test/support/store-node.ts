/** The store under test on Node. */
import type { ObjectStore } from '../../src/store/object-store.ts';

export const store = null as unknown as ObjectStore;
