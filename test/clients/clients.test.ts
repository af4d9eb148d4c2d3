/** The TypeScript clients that strangers' generators make of the served document, put through every scenario. */
import { afterAll, describe, expect, test } from 'vitest';
import { makeClient, type Outcomes, runClient } from './client.ts';
import { npmClients } from './clients.ts';
import { startClientsGateway } from './gateway.ts';

const gateway = await startClientsGateway();

afterAll(() => gateway.close());

describe.each(npmClients)('the client of $name', (client) => {
  let outcomes: Outcomes = new Map();

  test('is generated, compiles and runs', { timeout: 120_000 }, async () => {
    await makeClient(client, gateway);
    outcomes = await runClient(client, gateway);
  });

  test.each(gateway.scenarios)('%s', (scenario) => {
    expect(outcomes.get(scenario)).toBe(null);
  });
});
