/** For every fault of the legacy service, each operation returns the expected response in time, without keys. */
import { describe, expect, test } from 'vitest';
import { type FaultName, faultNames, faults } from '../emulator/faults.ts';
import {
  actionOf,
  deadlinesOf,
  expectNoKey,
  expectOutcome,
  type Seen,
  see,
  spoil,
  textsOf,
} from '../support/faults-ask.ts';
import { type Cell, expected, operations } from '../support/faults-expected.ts';
import { isWorkerd, startGateway } from '../support/harness.ts';

/** These faults need a connection, so they cannot occur in memory. */
const inMemory: Readonly<Partial<Record<FaultName, Cell>>> = {
  'broken-chunks': '502 legacy-unreachable',
};

/** The log's entry for a response that ended this way. */
const brokenBy: Readonly<Record<Seen['end'], unknown>> = {
  whole: null,
  broken: expect.stringMatching(/^legacy-/),
  endless: 'client-closed-request',
};

describe.each(faultNames)('%s', (name) => {
  const cells = operations.map((operation, index) => [operation, expected[name][index] ?? null] as const);

  test('is expected for exactly the operations that it affects', () => {
    const spoilt = operations.filter((operation) =>
      faults[name].actions.some((action) => action === actionOf[operation]),
    );
    expect(cells.filter(([, cell]) => cell !== null).map(([operation]) => operation)).toEqual(spoilt);
  });

  test.each(cells.filter(([, cell]) => cell !== null))('in %s is %s', async (operation, cell) => {
    const gateway = await startGateway({ env: deadlinesOf(name) });
    const { emulator } = gateway;
    const account = emulator.account('north');
    const right = await see(gateway.fetch, operation, account);
    emulator.reset();
    spoil(emulator, name, operation);
    const seen = await see(gateway.fetch, operation, account);
    expectOutcome(isWorkerd ? (inMemory[name] ?? cell) : cell, seen, { seen: right, fault: name, operation });
    expectNoKey([...textsOf(seen), JSON.stringify(gateway.log)], account);
    expect(emulator.state()).toMatchObject({ trapped: 0, faults: { [name]: expect.any(Number) } });
    await expect.poll(() => gateway.log.length).toBe(2);
    expect(gateway.log[1]).toMatchObject({ stream_error: brokenBy[seen.end] });
    await emulator.idle();
  });
});
