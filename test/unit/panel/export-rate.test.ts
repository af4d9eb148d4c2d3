/** The rate of an export in the panel, and the texts about it. */
import { describe, expect, test } from 'vitest';
import { addSample, type Sample, toRate } from '../../../src/panel/export-rate.ts';
import { toProgressText, toRateText, toSources } from '../../../src/panel/export-texts.ts';

const collect = (samples: readonly Sample[]) => samples.reduce<readonly Sample[]>(addSample, []);
const at = (seconds: number, done: number): Sample => ({ atMs: seconds * 1000, done, bytes: done * 32_000 });

describe('the rate', () => {
  test('is unknown in the first moments', () => {
    expect(toRate([], 10)).toBeNull();
    expect(toRate(collect([at(0, 0), at(1, 20)]), 100)).toBeNull();
  });

  test('covers the reported time, and estimates the time left', () => {
    const rate = toRate(collect([at(0, 0), at(2, 20), at(4, 40)]), 1040);
    expect(rate).toEqual({ recordingsPerSecond: 10, bytesPerSecond: 320_000, secondsLeft: 100 });
  });

  test('adapts to a change of pace within half a minute', () => {
    const slow = Array.from({ length: 60 }, (_, second) => at(second, second));
    const fast = Array.from({ length: 31 }, (_, second) => at(60 + second, 60 + 20 * second));
    expect(toRate(collect([...slow, ...fast]), 10_000)?.recordingsPerSecond).toBe(20);
  });

  test('estimates no time while nothing is copied', () => {
    expect(toRate(collect([at(0, 5), at(10, 5)]), 10)).toMatchObject({ secondsLeft: null });
  });

  test('restarts when counts decrease, as they do for a retry', () => {
    expect(collect([at(0, 100), at(5, 200), at(9, 190)])).toEqual([at(9, 190)]);
  });
});

describe('the texts', () => {
  test.each([
    [30, 'less than a minute left'],
    [61, 'a minute left'],
    [1020, '17 minutes left'],
    [36_000, '10 hours left'],
    [700_000, '8 days left'],
  ])('%i seconds are “%s”', (secondsLeft, text) => {
    const rate = { recordingsPerSecond: 9.96, bytesPerSecond: 318_000, secondsLeft };
    expect(toRateText(rate)).toBe(`10.0 recordings/s · 318 kB/s · ${text}`);
  });

  test('name the sources and the progress', () => {
    const source = { type: 'queue', id: 7 } as const;
    expect(toSources({ sources: [source] })).toBe('queue 7');
    expect(toSources({ sources: [source, { ...source, id: 8 }, { ...source, id: 9 }] })).toBe(
      'queue 7 and 2 more',
    );
    const progress = {
      listed: 10_000,
      copied: 1200,
      skipped: 3,
      waiting: 5,
      failed: 1,
      bytes: 2_410_000_000,
    };
    expect(toProgressText({ progress })).toBe('1,204 of 10,000 recordings, 2.4 GB');
    expect(toProgressText({ progress: { ...progress, listed: 1, copied: 0, skipped: 0, bytes: 0 } })).toBe(
      '1 of 1 recording',
    );
  });
});
