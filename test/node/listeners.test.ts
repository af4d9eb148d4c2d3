/** Two hundred listeners at the pace of speech cost a process little, are not cut off, and hold up no list. */
import { expect, onTestFinished, test } from 'vitest';
import { measureListeners, startAudioLegacy, toVariables } from '../bench/listeners.ts';
import { startProcess } from '../support/gateway-process.ts';

test('listeners cost at most 220 KiB each', async () => {
  const legacy = await startAudioLegacy();
  onTestFinished(() => legacy.close());
  const gateway = await startProcess({ ...toVariables(legacy), UI: 'off' });
  onTestFinished(async () => void (await gateway.stop('SIGKILL')));
  const { kibEach, listMs } = await measureListeners(gateway, { count: 200, settleMs: 3000 });
  // Chunks of 64 KiB in every stage took 390; few listeners pay more of what the process grows by in any case.
  expect(kibEach).toBeLessThan(220);
  // 3 ms on an idle machine.
  expect(listMs).toBeLessThan(100);
}, 60_000);
