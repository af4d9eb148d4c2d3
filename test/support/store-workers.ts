/** The store under test in workerd: R2 through the Worker's binding. */
import { env } from 'cloudflare:workers';
import type { ObjectStore } from '../../src/store/object-store.ts';
import { createR2Store } from '../../src/workers/r2-store.ts';

if (!env.STORE) throw new Error('the tests bind no STORE');

export const bucket = env.STORE;

export const store: ObjectStore = createR2Store(bucket);
