/** `npm run test:clients`: generates every client that this machine has the tools for, runs the scenarios and prints the table. */
import { findMissing, makeClient, type Outcomes, runClient } from './client.ts';
import { npmClients, otherClients } from './clients.ts';
import { startClientsGateway } from './gateway.ts';

const wanted = process.argv.slice(2);
const clients = [...npmClients, ...otherClients].filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)),
);

const gateway = await startClientsGateway();
const columns: { name: string; outcomes: Outcomes }[] = [];
const notes: string[] = [];
let failed = false;

for (const client of clients) {
  const missing = await findMissing(client);
  if (missing.length > 0) {
    notes.push(`skipped ${client.name}: this machine has no ${missing.join(', no ')}`);
    continue;
  }
  const start = performance.now();
  try {
    await makeClient(client, gateway);
    const outcomes = client.run ? await runClient(client, gateway) : null;
    if (outcomes) columns.push({ name: client.name, outcomes });
    notes.push(
      `${client.run ? 'ran' : 'generated'} ${client.name} (${((performance.now() - start) / 1000).toFixed(0)} s)`,
    );
  } catch (error) {
    failed = true;
    notes.push(`FAILED ${client.name}: ${error instanceof Error ? error.message : error}`);
  }
}

const header = columns.map(({ name }, index) => `${index + 1} ${name}`);
console.log(`\n${header.join('\n')}\n`);
const width = Math.max(...gateway.scenarios.map((scenario) => scenario.length));
console.log(`${''.padEnd(width)}  ${columns.map((_, index) => String(index + 1).padEnd(4)).join('')}`);
for (const scenario of gateway.scenarios) {
  const cells = columns.map(({ outcomes }) => (outcomes.get(scenario) === null ? 'ok' : 'NO').padEnd(4));
  console.log(`${scenario.padEnd(width)}  ${cells.join('')}`);
}
for (const { name, outcomes } of columns) {
  for (const scenario of gateway.scenarios) {
    const why = outcomes.get(scenario);
    if (why === null) continue;
    failed = true;
    notes.push(`NO ${name}, ${scenario}: ${why ?? 'was not tried'}`);
  }
}
console.log(`\n${notes.join('\n')}`);
await gateway.close();
process.exitCode = failed ? 1 : 0;
