/** The fault table over sockets, on plain workerd with the deployed script. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createEmulator } from '../emulator/emulator.ts';
import { type FaultName, faultNames } from '../emulator/faults.ts';
import { serveEmulator } from '../emulator/server.ts';
import {
  deadlinesOf,
  expectNoKey,
  expectOutcome,
  type Seen,
  see,
  spoil,
  textsOf,
} from '../support/faults-ask.ts';
import { expected, operations } from '../support/faults-expected.ts';
import { type RunningWorkerd, startWorkerd } from '../support/workerd.ts';

const emulator = createEmulator();
const account = emulator.account('north');
const legacy = await serveEmulator(emulator);
const log: string[] = [];
const start = (name: FaultName) =>
  startWorkerd({
    vars: { LEGACY_API_URL: legacy.url, ...deadlinesOf(name) },
    onLine: (line) => log.push(line),
  });
const workers = [await start('unavailable'), await start('stall-midway')] as const;
const toAsk =
  ({ url }: RunningWorkerd) =>
  (path: string, init?: RequestInit) =>
    fetch(url + path, init);
const [ask, askImpatiently] = [toAsk(workers[0]), toAsk(workers[1])];

const rights = new Map<string, Seen>();
for (const operation of operations) rights.set(operation, await see(ask, operation, account));

beforeEach(async () => {
  emulator.reset();
  // A legacy service that only failed would open the circuit.
  for (const fetch of [ask, askImpatiently]) await see(fetch, 'list', account);
  emulator.reset();
  log.length = 0;
});

afterAll(async () => {
  for (const worker of workers) await worker.close();
  await legacy.close();
});

describe.each(faultNames)('%s', (name) => {
  const cells = operations.map((operation, index) => [operation, expected[name][index] ?? null] as const);

  test.each(cells.filter(([, cell]) => cell !== null))('in %s is %s', async (operation, cell) => {
    const right = rights.get(operation);
    if (!right) throw new Error(`${operation} was not asked for`);
    spoil(emulator, name, operation);
    const isStalling = Object.keys(deadlinesOf(name)).length > 0;
    const seen = await see(isStalling ? askImpatiently : ask, operation, account);
    expectOutcome(cell, seen, { seen: right, fault: name, operation });
    expectNoKey([...textsOf(seen), ...log], account);
    expect(emulator.state()).toMatchObject({ trapped: 0, faults: { [name]: expect.any(Number) } });
    await emulator.idle();
  });
});
