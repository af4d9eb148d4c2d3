/** The store after a failed removal: a call that was not sent, or was rejected, purges nothing. */
import { expect, test } from 'vitest';
import type { PurgeReason } from '../../../src/audio/cache/audio-cache.ts';
import { createOwner } from '../../../src/auth/caller.ts';
import { createCallTrace } from '../../../src/legacy/call/trace.ts';
import { LegacyError, type LegacyFailure } from '../../../src/legacy/failure.ts';
import { removeRecording } from '../../../src/recordings/delete.ts';

const caller = await createOwner({ accessKey: 'a', secretAccessKey: 'b' });
const context = {
  caller,
  signal: new AbortController().signal,
  trace: createCallTrace(),
  requestId: 'test',
  onStoreResult: () => {},
};

test.each<[LegacyFailure, PurgeReason | null]>([
  [{ kind: 'credentials-rejected' }, null],
  [{ kind: 'processing', retryAfter: null }, null],
  [{ kind: 'invalid-request', description: null }, null],
  [{ kind: 'rate-limited', retryAfter: null }, null],
  [{ kind: 'unavailable', retryAfter: null }, null],
  [{ kind: 'overloaded' }, null],
  [{ kind: 'file-not-found' }, 'not-found'],
  [{ kind: 'timeout' }, 'unknown'],
  [{ kind: 'unreachable' }, 'unknown'],
  [{ kind: 'invalid-response', status: 200, reason: 'no XML' }, 'unknown'],
])('%j purges for the reason %s', async (failure, reason) => {
  const purges: PurgeReason[] = [];
  const error = new LegacyError(failure);
  const services = {
    legacy: { execute: () => Promise.reject(error) },
    audioCache: {
      lookup: () => Promise.reject(new Error('no lookup')),
      purge: async (_recording: object, why: PurgeReason) => void purges.push(why),
    },
    deletedSids: null,
    waitUntil: () => {},
  };
  await expect(removeRecording(services, { sid: '1', delete_now: true }, context)).rejects.toBe(error);
  expect(purges).toEqual(reason === null ? [] : [reason]);
});
