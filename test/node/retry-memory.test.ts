/** Memory of a process that runs for weeks. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createRetry } from '../../src/legacy/call/retry.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Live heap in bytes. */
function heap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test('a million successful calls, one per second, leave nothing behind', async () => {
  let time = Date.UTC(2026, 0, 1);
  const retry = createRetry({ now: () => time });
  const { signal } = new AbortController();
  const before = heap();
  for (let call = 0; call < 1_000_000; call += 1) {
    time += 1000;
    await retry.run(async () => null, { action: 'recording.list', signal });
  }
  const growth = heap() - before;
  // Used after the measurement, or it would have been collected itself.
  expect(await retry.run(async () => 'held', { action: 'recording.list', signal })).toBe('held');
  expect(growth / 1024 / 1024).toBeLessThan(5);
});
