/** The store under test behaves as the port says. */
import { isWorkerd } from '../support/runtime.ts';
import { describeStore } from '../support/store-conformance.ts';
import { store } from '../support/test-store.ts';

// Bytes that JavaScript makes in workerd are slow; test/node/workerd-uploads.test.ts sends half a gigabyte there.
describeStore(store, { longest: isWorkerd ? 40_000_000 : 500_000_000, manyKeys: isWorkerd ? 2_500 : 10_000 });
