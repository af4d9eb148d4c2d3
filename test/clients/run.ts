/**
 * `npm run test:clients [-- NAME…]`: runs the commands of docs/clients.md outside the repository, puts every client that they
 * make through the scenarios, and prints the table. `test:clients:all` adds the clients that take minutes to compile.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, makeClient, type Outcomes, runClient } from './client.ts';
import { clients } from './clients.ts';
import { readCommands } from './commands.ts';
import { startClientsGateway } from './gateway.ts';
import { findMissing, outside, shell } from './outside.ts';
import { countWarnings } from './warnings.ts';

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const wanted = clients.filter(({ name, slow }) =>
  words.length > 0 ? words.some((word) => name.includes(word)) : !slow || process.argv.includes('--all'),
);

const gateway = await startClientsGateway();
const folder = await mkdtemp(join(tmpdir(), 'strangers-'));
const columns = new Map<Client, Outcomes>();
const notes: string[] = [];
let failed = false;

const downloads = new Map<string, Promise<string>>();

/** The folder of a client, after the commands that come first. */
function prepare({ name, after }: Client): Promise<string> {
  const heading = after ?? name;
  const known = downloads.get(heading);
  if (known) return known;
  const place = join(folder, heading.replaceAll(/\W+/g, '-'));
  const made = shell(`mkdir -p ${place}`, folder, outside)
    .then(() => (after ? shell(readCommands(after), place, outside) : null))
    .then(() => place);
  downloads.set(heading, made);
  return made;
}

let turn = Promise.resolve();

/** The emulator's recordings are for one client at a time. */
function alone<Value>(act: () => Promise<Value>): Promise<Value> {
  const done = turn.then(act);
  turn = done.then(
    () => {},
    () => {},
  );
  return done;
}

async function tryClient(client: Client): Promise<void> {
  const missing = await findMissing(client.toolchain);
  if (missing.length > 0) {
    notes.push(`skipped ${client.name}: this machine has no ${missing.join(', no ')}`);
    return;
  }
  const start = performance.now();
  try {
    const place = await prepare(client);
    const { total, unexplained } = countWarnings(await makeClient(client, gateway, place));
    if (client.run) columns.set(client, await alone(() => runClient(client, gateway, place)));
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    notes.push(`${client.run ? 'ran' : 'read'} ${client.name}: ${total} warnings, ${seconds} s`);
    if (unexplained.length > 0) {
      failed = true;
      notes.push(`docs/clients.md does not explain:\n  ${unexplained.slice(0, 10).join('\n  ')}`);
    }
  } catch (error) {
    failed = true;
    notes.push(`FAILED ${client.name}: ${error instanceof Error ? error.message : error}`);
  }
}

/** Two at a time, because a generator waits for the network and a compiler does not. */
const queue = wanted.values();
async function work(): Promise<void> {
  for (const client of queue) await tryClient(client);
}
await Promise.all([work(), work()]);

const ran = wanted.filter((client) => columns.has(client));
console.log(`\n${ran.map(({ name }, index) => `${index + 1} ${name}`).join('\n')}\n`);
const width = Math.max(...gateway.scenarios.map((scenario) => scenario.length));
console.log(`${''.padEnd(width)}  ${ran.map((_, index) => String(index + 1).padEnd(4)).join('')}`);
for (const scenario of gateway.scenarios) {
  const cells = ran.map((client) => (columns.get(client)?.get(scenario) === null ? 'ok' : 'NO').padEnd(4));
  console.log(`${scenario.padEnd(width)}  ${cells.join('')}`);
}
for (const client of ran) {
  for (const scenario of gateway.scenarios) {
    const why = columns.get(client)?.get(scenario);
    if (why === null) continue;
    failed = true;
    notes.push(`NO ${client.name}, ${scenario}: ${why ?? 'was not tried'}`);
  }
}
console.log(`\n${notes.join('\n')}`);
await gateway.close();
await rm(folder, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;
