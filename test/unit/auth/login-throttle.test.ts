/** Wrong keys: a flood is slowed before the legacy, and who has good ones does not pay for it. */
import { describe, expect, it } from 'vitest';
import { createLoginThrottle, type Login, toAddressBucket } from '../../../src/auth/login-throttle.ts';
import { createMemoryRateLimit } from '../../../src/auth/rate-limit.ts';
import { LegacyError } from '../../../src/legacy/failure.ts';

const address = '198.51.100.7';

function create(maxEntries?: number) {
  const clock = { time: 1_790_000_000_000 };
  const now = () => clock.time;
  const calls = { count: 0 };
  const rateLimit = createMemoryRateLimit({ limit: 5, period: 60, now });
  const throttle = createLoginThrottle({ rateLimit, now, ...(maxEntries && { maxEntries }) });
  /** A request as the middleware makes it: the legacy client reports the outcome of its call. */
  async function guard<T>(login: Login, call: () => Promise<T>): Promise<T> {
    const attempt = throttle(login);
    try {
      const result = await call();
      attempt.record(null);
      return result;
    } catch (error) {
      if (error instanceof LegacyError) attempt.record(error.failure);
      throw error;
    } finally {
      attempt.end();
    }
  }
  const accept = async () => ++calls.count;
  const refuse = async () => {
    calls.count++;
    throw new LegacyError({ kind: 'credentials-rejected' });
  };
  const hold = () => {
    calls.count++;
    return new Promise<never>(() => undefined);
  };
  return { clock, calls, guard, accept, refuse, hold };
}

const refused = { failure: { kind: 'credentials-rejected' } };
const slowed = (retryAfter: number) => ({ failure: { kind: 'too-many-failures', retryAfter } });

/** One refusal more than the limit: the address is closed from here on. */
async function flood({ guard, refuse }: ReturnType<typeof create>) {
  for (let index = 0; index < 6; index++) {
    await expect(guard({ address, accountId: `wrong-${index}` }, refuse)).rejects.toMatchObject(refused);
  }
}

describe('an address with too many wrong keys', () => {
  it('waits without a legacy call, and may try again after its time', async () => {
    const setting = create();
    const { guard, refuse, accept, calls, clock } = setting;
    await flood(setting);
    await expect(guard({ address, accountId: 'wrong-7' }, refuse)).rejects.toMatchObject(slowed(12));
    expect(calls.count).toBe(6);
    clock.time += 12_000;
    expect(await guard({ address, accountId: 'right' }, accept)).toBe(7);
  });

  it('does not keep out others, elsewhere', async () => {
    const setting = create();
    await flood(setting);
    expect(await setting.guard({ address: '198.51.100.8', accountId: 'right' }, setting.accept)).toBe(7);
  });

  it('does not keep out whose keys were good, from the same address', async () => {
    const setting = create();
    await setting.guard({ address, accountId: 'right' }, setting.accept);
    await flood(setting);
    expect(await setting.guard({ address, accountId: 'right' }, setting.accept)).toBe(8);
  });

  it('keeps out who had good keys once they are refused', async () => {
    const setting = create();
    await setting.guard({ address, accountId: 'right' }, setting.accept);
    await flood(setting);
    await expect(setting.guard({ address, accountId: 'right' }, setting.refuse)).rejects.toMatchObject(
      refused,
    );
    await expect(setting.guard({ address, accountId: 'right' }, setting.refuse)).rejects.toMatchObject(
      slowed(12),
    );
  });
});

it('counts refused keys only, not a legacy that is down', async () => {
  const { guard, accept } = create();
  const fail = () => Promise.reject(new LegacyError({ kind: 'timeout' }));
  for (let index = 0; index < 20; index++) {
    await expect(guard({ address, accountId: `some-${index}` }, fail)).rejects.toMatchObject({
      failure: { kind: 'timeout' },
    });
  }
  expect(await guard({ address, accountId: 'right' }, accept)).toBe(1);
});

describe('a flood that does not wait for answers', () => {
  it('has 20 calls at a time, and gets its places back from calls that never end', async () => {
    const { guard, hold, accept, calls, clock } = create();
    for (let index = 0; index < 20; index++) void guard({ address, accountId: `some-${index}` }, hold);
    await expect(guard({ address, accountId: 'another' }, hold)).rejects.toMatchObject(slowed(1));
    expect(calls.count).toBe(20);
    expect(await guard({ address, accountId: 'some-0' }, accept)).toBe(21);
    clock.time += 30_001;
    expect(await guard({ address, accountId: 'another' }, accept)).toBe(22);
  });

  it('is none when it is one caller with many requests', async () => {
    const { guard, accept } = create();
    const attempts = Array.from({ length: 100 }, () => guard({ address, accountId: 'right' }, accept));
    expect(await Promise.all(attempts)).toHaveLength(100);
  });
});

describe('an address', () => {
  it.each([
    ['198.51.100.7', '198.51.100.7'],
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['not:an:address', 'not:an:address'],
    ['', ''],
  ])('%j counts as %j', (text, bucket) => {
    expect(toAddressBucket(text)).toBe(bucket);
  });
});
