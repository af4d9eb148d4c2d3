/** The store under test in workerd: R2, as the Worker binds it. */
import { env } from 'cloudflare:workers';
import type { ObjectStore } from '../../src/store/object-store.ts';
import { createR2Store } from '../../src/workers/r2-store.ts';

if (!env.STORE) throw new Error('the tests bind no STORE');

export const bucket = env.STORE;

export const store: ObjectStore = createR2Store(bucket);
