/**
 * While every request of one account fails, another account's requests succeed as fast as before: on Node and on
 * plain workerd.
 */
import { expect, test } from 'vitest';
import { startProcess } from '../support/gateway-process.ts';
import { measureIsolation, startIsolationLegacy } from '../support/isolation.ts';
import { startWorkerd } from '../support/workerd.ts';

/** Duration of the attack; `ISOLATION_SECONDS=60` for the figure in the documentation. */
const seconds = Number(process.env.ISOLATION_SECONDS ?? 20);

/** In the short version the attack holds its slots and leaves the processor to other tests. */
const pauseMs = process.env.ISOLATION_SECONDS ? 100 : 1000;

const variables = (legacy: string) => ({
  LEGACY_API_URL: legacy,
  LEGACY_METHOD: 'POST',
  TOKEN_KEYS: Buffer.from('isolation-of-accounts-in-a-test!').toString('base64'),
  LEGACY_FIRST_BYTE_TIMEOUT_MS: '3000',
  LEGACY_MAX_STREAMS: '100',
});

const runtimes = {
  Node: async (env: Readonly<Record<string, string>>) => {
    const gateway = await startProcess(env);
    return { url: gateway.url, close: () => gateway.stop('SIGKILL') };
  },
  workerd: (vars: Readonly<Record<string, string>>) => startWorkerd({ vars }),
};

test.each(Object.entries(runtimes))('on %s', { timeout: (seconds + 60) * 1000 }, async (name, start) => {
  const legacy = await startIsolationLegacy();
  const gateway = await start(variables(legacy.url));
  try {
    const { quiet, attacked } = await measureIsolation(gateway.url, { seconds, pauseMs });
    if (process.env.ISOLATION_SECONDS) console.info(name, { quiet, attacked });
    expect(quiet.successRate).toBe(1);
    expect(attacked.successRate, JSON.stringify(attacked.statuses)).toBeGreaterThanOrEqual(0.99);
    expect(attacked.medianMs).toBeLessThanOrEqual(2 * quiet.medianMs);
  } finally {
    await gateway.close();
    await legacy.close();
  }
});
