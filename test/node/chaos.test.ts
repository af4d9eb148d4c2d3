/** Mixed load while the legacy service fails at random: the invariants of each response hold for all of them. */
import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createEmulator, type Emulator } from '../emulator/emulator.ts';
import { type FaultName, faultNames } from '../emulator/faults.ts';
import { createRandom } from '../emulator/random.ts';
import { serveEmulator } from '../emulator/server.ts';
import {
  actionOf,
  expectNoKey,
  readBody,
  requests,
  type Seen,
  textsOf,
  toOutcome,
} from '../support/faults-ask.ts';
import { type Cell, expected, type Operation, operations } from '../support/faults-expected.ts';
import { startProcess } from '../support/gateway-process.ts';
import { startWorkerd } from '../support/workerd.ts';

/** Both runtimes share it. */
const seconds = Number(process.env.CHAOS_SECONDS ?? 6);
const seed = Number(process.env.CHAOS_SEED ?? 1);

/**
 * Long enough for slow but correct responses: a retry of a response that takes a second, audio byte by byte on a busy
 * machine.
 */
const times = { firstByte: 3000, answer: 4000, idle: 4000, audio: 6000 };
/** Allowed in addition to a deadline: the check after a removal, and a busy machine. In milliseconds. */
const slack = times.firstByte + 3000;

const env = {
  LEGACY_FIRST_BYTE_TIMEOUT_MS: String(times.firstByte),
  LEGACY_ANSWER_TIMEOUT_MS: String(times.answer),
  LEGACY_UPLOAD_TIMEOUT_MS: String(times.answer),
  LEGACY_IDLE_TIMEOUT_MS: String(times.idle),
  LEGACY_AUDIO_TIMEOUT_MS: String(times.audio),
  LEGACY_CIRCUIT_OPEN_MS: '250',
  REFUSED_KEYS_LIMIT: '1000000',
  RATE_LIMIT: '1000000000',
};

/** Faults after the end of a response, such as closing the connection, affect the next call on it. */
const poisons: readonly FaultName[] = [
  'audio-longer-than-length',
  'conflicting-lengths',
  'length-beside-chunks',
  'http-1.0',
];

interface Running {
  readonly url: string;
  readonly pid: number;
  readonly lines: readonly string[];
  close(): Promise<unknown>;
}

async function startNode(vars: Readonly<Record<string, string>>): Promise<Running> {
  // Little memory, so that leaks show soon.
  const gateway = await startProcess({ ...vars, NODE_OPTIONS: '--max-old-space-size=96' });
  return { ...gateway, close: () => gateway.stop('SIGKILL') };
}

async function startWorker(vars: Readonly<Record<string, string>>): Promise<Running> {
  const lines: string[] = [];
  const worker = await startWorkerd({ vars, heap: 64, onLine: (line) => lines.push(line) });
  return { ...worker, lines };
}

test.each([
  ['Node', startNode],
  ['workerd', startWorker],
] as const)('on %s', { timeout: (seconds + 60) * 1000 }, async (_runtime, start) => {
  const emulator = createEmulator();
  const legacy = await serveEmulator(emulator);
  const gateway = await start({ LEGACY_API_URL: legacy.url, ...env });
  onTestFinished(async () => {
    await gateway.close();
    await legacy.close();
  });
  const account = emulator.account('north');
  const client = createClient(gateway.url, emulator);
  for (const operation of operations) client.rights.set(operation, (await client.ask(operation)).seen);
  const random = createRandom(seed);
  const answered: string[] = [];
  const tally = { answers: 0, spoilt: 0, left: 0, outcomes: new Map<string, number>() };

  async function load(until: number): Promise<void> {
    while (Date.now() < until) {
      const operation = operations[Math.floor(random() * operations.length)] ?? 'list';
      if (random() < 0.05) {
        await client.leave(operation, random() * 50);
        tally.left += 1;
        continue;
      }
      const asked = await client.ask(operation);
      const outcome = client.judge(asked);
      expectNoKey(textsOf(asked.seen), account);
      tally.answers += 1;
      answered.push(asked.traceparent.slice(3, 35));
      tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
    }
  }

  const workers = (until: number) => Promise.all(Array.from({ length: 16 }, () => load(until)));
  emulator.chaos({ probability: 0.3, seed, names: faultNames.filter((name) => !poisons.includes(name)) });
  await workers(Date.now() + seconds * 125);
  const before = await settledMemory(gateway.pid, emulator);
  await workers(Date.now() + seconds * 375);
  tally.spoilt = Object.values(emulator.state().faults).reduce((sum, count) => sum + count, 0);
  emulator.clearFaults();
  const after = await settledMemory(gateway.pid, emulator);
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const operation of operations) expect(client.judge(await client.ask(operation))).toBe('right');
  expectNoKey(gateway.lines, account);
  const told = countTraces(gateway.lines);
  expect(answered.filter((trace) => told.get(trace) !== 1)).toEqual([]);
  // A client may have disconnected before its request arrived.
  expect([...told].filter(([, count]) => count !== 1)).toEqual([]);
  expect(emulator.state().trapped).toBe(0);
  console.log(
    `${_runtime}: ${tally.spoilt} faults injected, ${tally.answers} answers checked, ${tally.left} clients that left, ` +
      `memory ${before} → ${after} MB\n${Array.from(tally.outcomes, ([name, count]) => `${count} ${name}`).join(', ')}`,
  );
  expect(after).toBeLessThan(before * 1.5 + 60);
});

/** Log lines per request. */
function countTraces(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const { event, trace_id } = line.startsWith('{') ? JSON.parse(line) : {};
    if (event === 'request') counts.set(trace_id, (counts.get(trace_id) ?? 0) + 1);
  }
  return counts;
}

/** Resident memory in MB, once no call is open. */
async function settledMemory(pid: number, emulator: Emulator): Promise<number> {
  await emulator.idle();
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

interface Asked {
  readonly operation: Operation;
  readonly seen: Seen;
  readonly traceparent: string;
  /** Set for a removal. */
  readonly sid: string;
}

function createClient(url: string, emulator: Emulator) {
  const account = emulator.account('north');
  const { accessKey, secretAccessKey } = account;
  const Authorization = `Basic ${btoa(`${accessKey}:${secretAccessKey}`)}`;
  const rights = new Map<Operation, Seen>();
  let count = 0;

  function toRequest(operation: Operation, signal: AbortSignal | null) {
    count += 1;
    const sid = `08${String(count).padStart(14, '0')}`;
    const traceparent = `00-${String(count).padStart(32, '0')}-${'1'.repeat(16)}-01`;
    const [path, init] = requests[operation];
    if (operation === 'delete') account.add('queue', '77', { sid });
    const target = operation === 'delete' ? `/recordings/${sid}` : path;
    const headers = { ...init.headers, Authorization, traceparent };
    return { sid, traceparent, send: () => fetch(url + target, { ...init, headers, signal }) };
  }

  async function ask(operation: Operation): Promise<Asked> {
    const { sid, traceparent, send } = toRequest(operation, AbortSignal.timeout(60_000));
    const started = performance.now();
    const response = await send().catch(() => null);
    const none = { bytes: new Uint8Array(), end: 'broken' } as const;
    const body = response ? await readBody(response) : none;
    const time = performance.now() - started;
    const seen = {
      status: response?.status ?? 0,
      headers: response?.headers ?? new Headers(),
      ...body,
      time,
    };
    return { operation, seen, traceparent, sid };
  }

  /** The outcome, after it was found correct. */
  function judge({ operation, seen, traceparent, sid }: Asked): string {
    const right = rights.get(operation);
    if (!right) throw new Error(`${operation} was not asked for`);
    const calls = emulator.calls.filter(({ headers }) => headers.traceparent === traceparent);
    const own = calls.filter(({ action }) => action === actionOf[operation]);
    const last = own.at(-1)?.fault ?? null;
    const outcome = toOutcome(seen, {
      seen: right,
      fault: (last ?? 'bom') as FaultName,
      operation,
    });
    const faults = own.map(({ fault }) => fault);
    const context = JSON.stringify({
      operation,
      outcome,
      calls: calls.map(({ action, fault, state }) => [action, fault, state]),
    });
    const cell: Cell = last ? (expected[last as FaultName][operations.indexOf(operation)] ?? null) : 'right';
    const allowed: string[] = [cell ?? 'right'].flat();
    // Rejected after failures of others, or of its own first attempt.
    if (faults.length === 0 || (faults.length === 1 && last)) allowed.push('503 legacy-unavailable');
    // Depends on the length of the response.
    if (last === 'slow-trickle') allowed.push('right', 'broken', '504 legacy-timeout');
    // The check after a removal may meet its own fault, or a breaker that opened meanwhile.
    if (operation === 'delete' && last && (own.length < calls.length || cell === 'right')) {
      allowed.push('right', '502 legacy-invalid-response', '502 legacy-unreachable', '504 legacy-timeout');
    }
    expect(allowed, context).toContain(outcome);
    const isToldTheTruth = calls.every(
      ({ action, fault }) => action === actionOf[operation] || fault === null,
    );
    if (operation === 'delete' && seen.status === 204 && isToldTheTruth) {
      expect(account.find(sid), context).toBeNull();
    }
    if (operation === 'upload') expect(own.length, context).toBeLessThan(2);
    if (operation === 'delete') expect(own.length, context).toBeLessThan(2);
    expect(own.length, context).toBeLessThan(3);
    const limit = operation === 'audio' ? times.audio : times.answer;
    if (operation !== 'export') expect(seen.time, context).toBeLessThan(limit + slack);
    return outcome;
  }

  async function leave(operation: Operation, after: number): Promise<void> {
    const controller = new AbortController();
    const { send } = toRequest(operation, controller.signal);
    const timer = setTimeout(() => controller.abort(), after);
    await send()
      .then((response) => response.arrayBuffer())
      .catch(() => null);
    clearTimeout(timer);
  }

  return { ask, judge, leave, rights };
}
