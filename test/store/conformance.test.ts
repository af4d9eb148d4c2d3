/** The store under test conforms to the port. */
import { isWorkerd } from '../support/runtime.ts';
import { describeStore } from '../support/store-conformance.ts';
import { store } from '../support/test-store.ts';

// Workerd generates bytes slowly in JavaScript; test/node/workerd-uploads.test.ts sends half a gigabyte there.
describeStore(store, { longest: isWorkerd ? 40_000_000 : 500_000_000, manyKeys: isWorkerd ? 2_500 : 10_000 });
