/** Callers: their digests, and enforcement of scopes. */
import { describe, expect, it } from 'vitest';
import { type Access, createCaller, createOwner, requireScope } from '../../../src/auth/caller.ts';

const credentials = { accessKey: 'foofoofoo', secretAccessKey: 'foobarfoo' };
const guest: Access = {
  credentials,
  scopes: ['recordings:read'],
  bringsOwnKeys: false,
  authMethod: 'jwt',
  expiresAt: 1,
};

describe('a caller', () => {
  it('with the account’s keys may do everything', async () => {
    const owner = await createOwner(credentials);
    expect(owner).toMatchObject({ credentials, bringsOwnKeys: true, authMethod: 'basic', expiresAt: null });
    expect([...owner.scopes]).toEqual([
      ...['recordings:read', 'recordings:delete', 'uploads:write'],
      ...['exports:read', 'exports:write'],
    ]);
  });

  it('has the same accountId with every authentication method, which shows none of its keys', async () => {
    const { accountId } = await createOwner(credentials);
    // A changed digest would separate accounts from their stored objects.
    expect(accountId).toBe('6227bccd58e7b52d779426998502d98d');
    expect((await createCaller({ ...guest, names: ['issuer', 'ann', ''] })).accountId).toBe(accountId);
  });

  it.each([
    ['another access key', { accessKey: 'foofoofob', secretAccessKey: 'foobarfoo' }],
    ['another secret', { accessKey: 'foofoofoo', secretAccessKey: 'foobarfob' }],
    ['the boundary elsewhere', { accessKey: 'foofoofoof', secretAccessKey: 'oobarfoo' }],
    ['quotes across the boundary', { accessKey: 'foofoofoo","f', secretAccessKey: 'oobarfoo' }],
  ])('with %s has another accountId', async (_, other) => {
    expect((await createOwner(other)).accountId).not.toBe((await createOwner(credentials)).accountId);
  });

  it('on a shared account is counted by name', async () => {
    const subjects = [
      await createOwner(credentials),
      await createCaller({ ...guest, names: ['issuer', 'ann', ''] }),
      await createCaller({ ...guest, names: ['issuer', 'bob', ''] }),
      await createCaller({ ...guest, names: ['issuer', '', 'bob'] }),
    ].map(({ subject }) => subject);
    expect(new Set(subjects).size).toBe(4);
  });

  it('passes with the scope and is rejected without it', async () => {
    const caller = await createCaller(guest);
    expect(() => requireScope(caller, 'recordings:read')).not.toThrow();
    expect(() => requireScope(caller, 'recordings:delete')).toThrow(
      expect.objectContaining({ failure: { kind: 'insufficient-scope', required: 'recordings:delete' } }),
    );
  });
});
