/** Audio that is stored while a client reads it: how long the store may delay the client, and which audio is kept. */
import { describe, expect, test, vi } from 'vitest';
import { createPassThrough } from '#test-streams';
import { teeToCache } from '../../src/audio/cache/tee.ts';
import type { StoreWriter } from '../../src/store/object-store.ts';

describe('a stream into the store', () => {
  const length = 8 * 512 * 1024;
  const all = () => new Response(new Uint8Array(length)).body as ReadableStream<Uint8Array>;
  const create = (writer: Partial<StoreWriter>, stream = all()) => {
    const abort = vi.fn<StoreWriter['abort']>(async () => {});
    const onFailure = vi.fn<(cause: unknown) => void>();
    const full: StoreWriter = { write: async () => {}, close: async () => {}, abort, ...writer };
    const passThrough = createPassThrough(length);
    const tee = { stream, lengthBytes: length, writer: full, passThrough, onFailure };
    return { ...teeToCache(tee), abort, onFailure };
  };

  test('is delayed by it for ten seconds in total, then continues without it', async () => {
    const realTimeout = setTimeout;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      let writes = 0;
      const write = async () => {
        writes += 1;
        await new Promise((resolve) => setTimeout(resolve, 4000));
      };
      const { passed, stored, abort, onFailure } = create({ write });
      const arriving = new Response(passed).arrayBuffer();
      let isOver = false;
      void stored.then(() => {
        isOver = true;
      });
      while (!isOver) {
        await new Promise((resolve) => realTimeout(resolve, 5));
        // Only while a write waits: the rest of the work takes none of this time.
        if (vi.getTimerCount() > 0) await vi.advanceTimersByTimeAsync(1000);
      }
      expect((await arriving).byteLength).toBe(length);
      expect(await stored).toBe(false);
      expect([writes, abort.mock.calls.length, onFailure.mock.calls.length]).toEqual([3, 1, 1]);
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([
    [length, true],
    [length - 1, false],
  ])('that breaks off after %i bytes, of 4194304, is kept: %s', async (bytes, isKept) => {
    let isSent = false;
    const stream = new ReadableStream({
      pull(controller) {
        // As if the client had disconnected, which it may do with the last byte.
        if (isSent) return controller.error(new Error('left'));
        isSent = true;
        controller.enqueue(new Uint8Array(bytes));
      },
    });
    const close = vi.fn<StoreWriter['close']>(async () => {});
    const { passed, stored, abort } = create({ close }, stream);
    const reader = passed.getReader();
    for (let left = bytes; left > 0; ) left -= (await reader.read()).value?.length ?? left;
    await reader.cancel();
    expect(await stored).toBe(isKept);
    expect([close.mock.calls.length, abort.mock.calls.length]).toEqual(isKept ? [1, 0] : [0, 1]);
  });

  test('that cannot be finished is removed before its work counts as done', async () => {
    let isRemoved = false;
    const { passed, stored } = create({
      close: () => Promise.reject(new Error('down')),
      abort: async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        isRemoved = true;
      },
    });
    expect((await new Response(passed).arrayBuffer()).byteLength).toBe(length);
    expect(await stored).toBe(false);
    expect(isRemoved).toBe(true);
  });
});
