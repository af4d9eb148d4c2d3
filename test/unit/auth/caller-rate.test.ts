/** Rates: a link has a share of its account's rate, and unverified keys have no rate of their own. */
import { expect, it } from 'vitest';
import { type Caller, createCaller } from '../../../src/auth/caller.ts';
import { createCallerRate } from '../../../src/auth/caller-rate.ts';

const credentials = { accessKey: 'a', secretAccessKey: 'b' };
const toLink = (token: string) =>
  createCaller({
    credentials,
    scopes: ['recordings:read'],
    bringsOwnKeys: true,
    authMethod: 'link',
    expiresAt: 1,
    names: ['audio-link', token],
  });
const owner = await createCaller({
  credentials,
  scopes: [],
  bringsOwnKeys: true,
  authMethod: 'basic',
  expiresAt: null,
});

const create = () => createCallerRate({ limit: 60, counter: null, now: () => 1_790_000_000_000 });

async function countAllowed(requests: number, count: () => Promise<{ allowed: boolean }>) {
  let allowed = 0;
  for (let n = 0; n < requests; n += 1) if ((await count()).allowed) allowed += 1;
  return allowed;
}

it('one link uses a quarter of its account rate, and the owner keeps the rest', async () => {
  const rate = create();
  const link = await toLink('one');
  const open = async (caller: Caller) => {
    const decision = await rate.countLink(caller);
    return decision.allowed ? rate.count(caller) : decision;
  };
  expect(await countAllowed(70, () => open(link))).toBe(15);
  expect(await countAllowed(70, () => rate.count(owner))).toBe(45);
});

it('all links of an account use half of its rate', async () => {
  const rate = create();
  const links = await Promise.all(Array.from({ length: 20 }, (_, n) => toLink(String(n))));
  let next = 0;
  const count = () => rate.countLink(links[next++ % links.length] ?? owner);
  expect(await countAllowed(200, count)).toBe(30);
});

it('unverified keys count by their address alone', async () => {
  const rate = create();
  expect(await countAllowed(70, () => rate.count(owner))).toBe(60);
  // Strangers' requests must not evict the exhausted account from the counter.
  for (let n = 0; n < 200_000; n += 1) await rate.countAddress(`198.51.100.${n}`);
  expect(await countAllowed(10, () => rate.count(owner))).toBe(0);
});

it('forgets no exhausted account among 50,000 others', async () => {
  const rate = create();
  expect(await countAllowed(70, () => rate.count(owner))).toBe(60);
  for (let n = 0; n < 50_000; n += 1) await rate.count({ ...owner, subject: `other-${n}` });
  expect(await countAllowed(10, () => rate.count(owner))).toBe(0);
});
