/** `Prefer: wait`: how long the gateway waits for processing audio, and how often it polls. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createPolls, type Processing } from '../../src/audio/poll.ts';
import { parseWait } from '../../src/http/prefer.ts';
import { sids } from '../emulator/seeds.ts';
import { basic, startGateway } from '../support/harness.ts';

/** Pauses take no time, and no more time passes than theirs. */
const fakeTime = () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });

async function afterAllTimers<Result>(waiting: readonly Promise<Result>[]): Promise<Result[]> {
  await vi.runAllTimersAsync();
  return await Promise.all(waiting);
}

describe('a preference', () => {
  test.each([
    ['wait=10', 10],
    ['Wait = 10', 10],
    ['wait="10"', 10],
    ['respond-async, wait=10', 10],
    ['wait=10; foo=bar, wait=20', 10],
    ['foo; wait=10', null],
    ['wait; foo=10', null],
    ['wait=ten, wait=10', null],
    ['wait, wait=10', null],
    ['foo="a, wait=10", bar', null],
    ['foo="a, b", wait=10', 10],
    ['foo="\\", wait=10"', null],
    ['foo="\\\\", wait=10', 10],
    ['foo="never closed, wait=10', null],
    ['wait=99999999999999999999', 60],
    ['wait=3600', 60],
    ['wait=0', 0],
    ['wait', null],
    ['wait=', null],
    ['wait=-1', null],
    ['wait=1.5', null],
    ['wait=ten', null],
    ['awaiting=10', null],
    ['', null],
    [undefined, null],
  ])('of %s waits %s seconds', (prefer, seconds) => {
    expect(parseWait(prefer)).toBe(seconds);
  });

  test('may be long and full of unclosed quotation marks', () => {
    expect(parseWait(`wait=${'9'.repeat(100_000)}`)).toBe(60);
    expect(parseWait(`${'"\\'.repeat(100_000)}, wait=10`)).toBeNull();
    expect(parseWait(`${'wait '.repeat(100_000)}, wait=10`)).toBe(10);
  });
});

const toCaller = (subject: string) => ({ subject, accountId: 'account', authMethod: 'basic' }) as const;

describe('waiting', () => {
  const never = new AbortController().signal;
  type Ask<Result> = (signal: AbortSignal) => Promise<Result | Processing>;
  const waitFor = <Result extends { readonly kind: string }>(
    ask: Ask<Result>,
    { limit, signal }: { readonly limit: number; readonly signal: AbortSignal },
  ) => createPolls().wait(ask, { name: 'audio', caller: toCaller('a'), limitMs: limit, signal });
  const processing = (retryAfter: number | null = null): Processing => ({ kind: 'processing', retryAfter });

  beforeEach(fakeTime);
  afterEach(() => void vi.useRealTimers());

  /** Times of the legacy calls, in milliseconds from the start. */
  async function watch(limit: number, answers: (call: number) => Processing | { kind: 'audio' }) {
    const asked: number[] = [];
    const startedAt = performance.now();
    const answer = waitFor(
      async () => {
        asked.push(Math.round(performance.now() - startedAt));
        return answers(asked.length);
      },
      { limit, signal: never },
    );
    await vi.runAllTimersAsync();
    return { answer: await answer, asked, took: performance.now() - startedAt };
  }

  test('polls with growing pauses, and once more just before the time is up', async () => {
    const { answer, asked, took } = await watch(60_000, () => processing());
    expect(answer.kind).toBe('processing');
    expect(asked.slice(0, 4)).toEqual([0, 500, 1250, 2375]);
    expect(asked).toHaveLength(13);
    expect(asked.at(-1)).toBe(59_500);
    expect(took).toBeLessThanOrEqual(60_000);
  });

  test('ends with the audio', async () => {
    const { answer, asked } = await watch(60_000, (call) => (call < 3 ? processing() : { kind: 'audio' }));
    expect(answer.kind).toBe('audio');
    expect(asked).toEqual([0, 500, 1250]);
  });

  test('polls no sooner than the legacy service asks', async () => {
    const { asked } = await watch(20_000, () => processing(7));
    expect(asked).toEqual([0, 7000, 14_000]);
  });

  test('does not poll again if the legacy service asks for more time than is left', async () => {
    const { answer, asked, took } = await watch(20_000, () => processing(30));
    expect(answer).toEqual(processing(30));
    expect(asked).toEqual([0]);
    expect(took).toBe(0);
  });

  test('polls once without time', async () => {
    expect((await watch(0, () => processing())).asked).toEqual([0]);
  });

  test('gives up an open call when the time is up', async () => {
    let calls = 0;
    const startedAt = performance.now();
    const waiting = waitFor<Processing>(
      (signal) => {
        calls += 1;
        if (calls === 1) return Promise.resolve(processing());
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
      },
      { limit: 1200, signal: never },
    );
    await vi.runAllTimersAsync();
    expect((await waiting).kind).toBe('processing');
    expect(calls).toBe(2);
    expect(performance.now() - startedAt).toBe(1200);
  });

  test('stops in a pause when the client disconnects, and polls no more', async () => {
    const caller = new AbortController();
    let calls = 0;
    const waiting = waitFor(
      async () => {
        calls += 1;
        return processing();
      },
      { limit: 60_000, signal: caller.signal },
    );
    const rejected = expect(waiting).rejects.toThrow('abandoned');
    await vi.advanceTimersByTimeAsync(50);
    caller.abort();
    await rejected;
    await vi.runAllTimersAsync();
    expect(calls).toBe(1);
  });
});

describe('requests that wait for the same audio', () => {
  const never = new AbortController().signal;

  beforeEach(fakeTime);
  afterEach(() => void vi.useRealTimers());

  /** A recording that is ready after this many calls. */
  function start(readyAt: number) {
    const polls = createPolls();
    let calls = 0;
    const ask = async (): Promise<Processing | { readonly kind: 'audio' }> => {
      calls += 1;
      return calls < readyAt ? { kind: 'processing', retryAfter: null } : { kind: 'audio' };
    };
    return {
      calls: () => calls,
      wait: (name: string, subject: string, limitMs: number) =>
        polls.wait(ask, { name, caller: toCaller(subject), limitMs, signal: never }),
      waitByLink: (link: string, accountId: string) =>
        polls.wait(ask, {
          name: link,
          caller: { subject: link, accountId, authMethod: 'link' },
          limitMs: 1500,
          signal: never,
        }),
    };
  }

  test('share one poll, and each fetches the audio', async () => {
    const { wait, calls } = start(4);
    const found = await afterAllTimers(
      Array.from({ length: 100 }, (_, index) => wait('audio', `caller-${index}`, 10_000)),
    );
    expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['audio']));
    expect(calls()).toBe(3 + 100);
  });

  test('share the last response too', async () => {
    const { wait, calls } = start(Number.POSITIVE_INFINITY);
    const found = await afterAllTimers(
      Array.from({ length: 100 }, (_, index) => wait('audio', `caller-${index}`, 1500)),
    );
    expect(found).toEqual(Array(100).fill({ kind: 'processing', retryAfter: null }));
    expect(calls()).toBeLessThan(6);
  });

  test('do not share it with requests for other audio', async () => {
    const { wait, calls } = start(Number.POSITIVE_INFINITY);
    await afterAllTimers(['a', 'b', 'c'].map((name) => wait(name, name, 100)));
    expect(calls()).toBe(3);
  });

  test('are at most 20 per caller; further ones do not wait', async () => {
    const { wait, calls } = start(Number.POSITIVE_INFINITY);
    const waiting = Array.from({ length: 20 }, () => wait('audio', 'a', 1500));
    const started = performance.now();
    expect(await wait('audio', 'a', 1500)).toMatchObject({ kind: 'processing', isUnwaited: true });
    expect(performance.now()).toBe(started);
    const [other] = await afterAllTimers([wait('audio', 'b', 100)]);
    expect(other).not.toHaveProperty('isUnwaited');
    expect(await Promise.all(waiting)).toHaveLength(20);
    const [later] = await afterAllTimers([wait('audio', 'a', 100)]);
    expect(later).not.toHaveProperty('isUnwaited');
    expect(calls()).toBeLessThan(10);
  });

  test('are at most 100 of all links of an account', async () => {
    const { wait, waitByLink } = start(Number.POSITIVE_INFINITY);
    const waiting = Array.from({ length: 100 }, (_, index) => waitByLink(`link-${index}`, 'account'));
    for (let count = 0; count < 30; count += 1) {
      expect(await waitByLink('link-100', 'account')).toMatchObject({ isUnwaited: true });
    }
    const others = await afterAllTimers([waitByLink('link-100', 'other'), wait('audio', 'owner', 1500)]);
    for (const other of others) expect(other).not.toHaveProperty('isUnwaited');
    await Promise.all(waiting);
    const [later] = await afterAllTimers([waitByLink('link-100', 'account')]);
    expect(later).not.toHaveProperty('isUnwaited');
  });

  test('continue if the polling request disconnects', async () => {
    const polls = createPolls();
    const first = new AbortController();
    let calls = 0;
    const ask = (signal: AbortSignal): Promise<Processing | { readonly kind: 'audio' }> => {
      calls += 1;
      if (calls > 1) return Promise.resolve({ kind: 'audio' });
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    };
    const options = { name: 'audio', caller: toCaller('a'), limitMs: 10_000 };
    const leaving = polls.wait(ask, { ...options, signal: first.signal });
    const staying = polls.wait(ask, { ...options, signal: never });
    first.abort(new Error('gone'));
    await expect(leaving).rejects.toThrow('gone');
    expect(await afterAllTimers([staying])).toEqual([{ kind: 'audio' }]);
    expect(calls).toBe(2);
  });
});

describe('a processing recording', () => {
  test('is waited for, and plays once it is ready', async () => {
    const gateway = await startGateway();
    const headers = { ...basic(gateway.emulator), Prefer: 'wait=10' };
    const response = await gateway.fetch(`/recordings/${sids.processing}/audio`, { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('Preference-Applied')).toBe('wait=10');
    const expected = gateway.emulator.account('page').audio(sids.processing, 'wav', 8000);
    expect((await response.arrayBuffer()).byteLength).toBe(expected.length);
    expect(gateway.emulator.calls).toHaveLength(3);
  }, 20_000);

  test('is a 202 when the time is up', async () => {
    const gateway = await startGateway();
    const headers = { ...basic(gateway.emulator), Prefer: 'wait=1' };
    const startedAt = performance.now();
    const response = await gateway.fetch(`/recordings/${sids.alwaysProcessing}/audio`, { headers });
    expect(response.status).toBe(202);
    expect(response.headers.get('Preference-Applied')).toBe('wait=1');
    expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ status: 'processing' });
    expect(performance.now() - startedAt).toBeGreaterThan(400);
    expect(gateway.emulator.calls.length).toBeLessThanOrEqual(3);
  });

  test('is not waited for without a preference', async () => {
    const gateway = await startGateway();
    const headers = basic(gateway.emulator);
    const response = await gateway.fetch(`/recordings/${sids.alwaysProcessing}/audio`, { headers });
    expect(response.status).toBe(202);
    expect(response.headers.has('Preference-Applied')).toBe(false);
    expect(gateway.emulator.calls).toHaveLength(1);
  });
});
