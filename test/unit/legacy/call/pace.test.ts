/** A client that reads too slowly loses its stream: soon if calls wait for a slot, late otherwise. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createPace } from '../../../../src/legacy/call/pace.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function start(options: { readonly contended?: boolean; readonly min?: number } = {}) {
  let isContended = options.contended ?? false;
  let slowAfterMs: number | null = null;
  const startedAt = Date.now();
  const pace = createPace({
    minBytesPerSecond: options.min ?? 500,
    isContended: () => isContended,
    onSlow: () => {
      slowAfterMs = Date.now() - startedAt;
    },
  });
  return {
    pace,
    contend() {
      isContended = true;
    },
    slowAfterMs: () => slowAfterMs,
    /** Reads this many bytes per second; the rest of each second is the client's. */
    read(bytesPerSecond: number, seconds: number) {
      for (let second = 0; second < seconds; second++) {
        pace.wait();
        pace.received(bytesPerSecond);
        vi.advanceTimersByTime(1000);
      }
    },
  };
}

describe('a client that does not read', () => {
  test('is disconnected after ten seconds if calls wait', () => {
    const { read, slowAfterMs } = start({ contended: true });
    read(0, 60);
    expect(slowAfterMs()).toBe(10_000);
  });

  test('is disconnected after two minutes if no call waits', () => {
    const { read, slowAfterMs } = start();
    read(0, 300);
    expect(slowAfterMs()).toBe(120_000);
  });

  test('is disconnected within a second of the first call that waits', () => {
    const { read, contend, slowAfterMs } = start();
    read(0, 60);
    expect(slowAfterMs()).toBeNull();
    contend();
    read(0, 5);
    expect(slowAfterMs()).toBe(61_000);
  });

  test('gains nothing by an initial burst or occasional bytes', () => {
    const burst = start({ contended: true });
    burst.pace.received(100_000_000);
    burst.read(0, 60);
    expect(burst.slowAfterMs()).toBe(12_000);
    const trickle = start({ contended: true });
    trickle.read(499, 60);
    expect(trickle.slowAfterMs()).toBe(10_000);
  });

  test('keeps its stream if the operator sets no limit', () => {
    const { read, slowAfterMs } = start({ contended: true, min: 0 });
    read(0, 3600);
    expect(slowAfterMs()).toBeNull();
  });
});

describe('a client keeps its stream', () => {
  test('if it reads fast enough', () => {
    const { read, slowAfterMs } = start({ contended: true });
    read(500, 600);
    expect(slowAfterMs()).toBeNull();
  });

  test('as a player that pauses for a minute while no call waits', () => {
    const { read, slowAfterMs } = start();
    for (let round = 0; round < 5; round++) {
      read(0, 60);
      read(20_000, 20);
    }
    expect(slowAfterMs()).toBeNull();
  });

  test('while the legacy service is slow', () => {
    const { pace, slowAfterMs } = start({ contended: true });
    pace.wait();
    vi.advanceTimersByTime(600_000);
    pace.received(1);
    vi.advanceTimersByTime(5000);
    expect(slowAfterMs()).toBeNull();
  });

  test('after its end', () => {
    const { pace, slowAfterMs } = start({ contended: true });
    pace.clear();
    vi.advanceTimersByTime(600_000);
    expect(slowAfterMs()).toBeNull();
  });
});
