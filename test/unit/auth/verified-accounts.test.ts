/** Verified accounts: verified once per lifetime, dropped on a rejection, and bounded in memory. */
import { expect, it } from 'vitest';
import { createVerifiedAccounts } from '../../../src/auth/verified-accounts.ts';
import { LegacyError } from '../../../src/legacy/failure.ts';

const by = (accountId: string) => ({
  caller: { accountId, subject: accountId, credentials: { accessKey: 'a', secretAccessKey: 'b' } },
  signal: new AbortController().signal,
});

it('a rejection removes an account, and the next request verifies it again', async () => {
  let calls = 0;
  const confirm = async () => {
    calls += 1;
  };
  const accounts = createVerifiedAccounts({ confirm, lifetime: 300 });
  await accounts.ensure(by('a'));
  await accounts.ensure(by('a'));
  expect([calls, accounts.has('a')]).toEqual([1, true]);
  accounts.drop('a');
  expect(accounts.has('a')).toBe(false);
  await accounts.ensure(by('a'));
  expect(calls).toBe(2);
});

it('an account is verified again after its lifetime', async () => {
  let calls = 0;
  let time = 0;
  const confirm = async () => {
    calls += 1;
  };
  const accounts = createVerifiedAccounts({ confirm, lifetime: 300, now: () => time });
  await accounts.ensure(by('a'));
  time = 299_999;
  await accounts.ensure(by('a'));
  expect(calls).toBe(1);
  time = 300_000;
  await accounts.ensure(by('a'));
  expect(calls).toBe(2);
});

it('rejected keys are not cached', async () => {
  const confirm = () => Promise.reject(new LegacyError({ kind: 'credentials-rejected' }));
  const accounts = createVerifiedAccounts({ confirm, lifetime: 300 });
  await expect(accounts.ensure(by('a'))).rejects.toThrow('credentials-rejected');
  expect(accounts.has('a')).toBe(false);
});

it('keeps 50,000 accounts, and evicts the oldest of 200,000', () => {
  const accounts = createVerifiedAccounts({ confirm: async () => {}, lifetime: 300 });
  for (let n = 0; n < 200_000; n += 1) accounts.renew(`account-${n}`);
  expect(accounts.has('account-150001')).toBe(true);
  expect(accounts.has('account-0')).toBe(false);
});
