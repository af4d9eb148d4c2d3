/** Exports a list of a million as JSON lines: the memory of the process, and the time to the first line. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGeneratedList } from '../emulator/generated-list.ts';
import { startWorkerd } from '../support/workerd.ts';
import { authorization } from './load.ts';
import { memory, type Running, startProcess } from './processes.ts';
import type { Line, Row } from './row.ts';

const count = 1_000_000;
const head = '<response>\n<result>success</result>\n<result_description></result_description>\n<data>\n';
const tail = '</data>\n</response>\n';

/** How long the legacy service waits for the first line after its first two thousandths, in milliseconds. */
const patience = 5000;

export const exports: Row = {
  name: 'export',
  async measure() {
    const legacy = await startLegacy();
    const vars = {
      LEGACY_API_URL: `${legacy.url}/ibp_api.php`,
      LEGACY_METHOD: 'GET',
      LEGACY_TIME_ZONE: 'America/Chicago',
    };
    const gateways = {
      'Node with 64 MB of heap': () =>
        startProcess('../../src/node/main.ts', {
          env: vars,
          flags: ['--max-old-space-size=64', '--max-semi-space-size=16'],
        }),
      workerd: () => startWorkerd({ vars }),
    };
    const lines: Line[] = [];
    try {
      for (const [name, start] of Object.entries(gateways)) {
        const gateway = await start();
        try {
          lines.push(...(await measureExport(name, gateway, legacy)));
        } finally {
          await gateway.close();
        }
      }
      return lines;
    } finally {
      legacy.close();
    }
  },
};

async function measureExport(name: string, gateway: Running, legacy: Legacy): Promise<Line[]> {
  // A warm-up: a process that has not worked yet is smaller than an idle one.
  await readLines(`${gateway.url}/recordings?type=powerdialer&id=1000`, () => {});
  await sleep(1000);
  // Resets the peak (proc(5)).
  writeFileSync(`/proc/${gateway.pid}/clear_refs`, '5');
  const idle = memory(gateway.pid).resident;
  let atFirst = 1;
  const startedAt = performance.now();
  const lines = await readLines(`${gateway.url}/recordings?type=powerdialer&id=${count}`, () => {
    atFirst = legacy.sent();
    legacy.release();
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (lines !== count) throw new Error(`${name}: ${lines} lines of ${count}`);
  const what = `export of ${count.toLocaleString('en-US')}, ${name}`;
  return [
    {
      what: `${what}: growth of the process`,
      value: memory(gateway.pid).peak - idle,
      unit: 'MiB',
      goal: { atMost: 64 },
    },
    {
      what: `${what}: sent by the legacy before the first line`,
      value: atFirst * 100,
      unit: '%',
      goal: { atMost: 1 },
    },
    { what, value: legacy.length / 1e6 / seconds, unit: 'MB/s of XML' },
  ];
}

/** Returns the number of lines. Rejects if the response or its last line is incomplete. */
async function readLines(url: string, onFirst: () => void): Promise<number> {
  const [response]: [IncomingMessage] = (await once(
    get(url, { headers: { authorization, accept: 'application/x-ndjson' } }),
    'response',
  )) as [IncomingMessage];
  let lines = 0;
  let last = 0x0a;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (lines === 0 && chunk.includes(0x0a)) onFirst();
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) lines += 1;
    last = chunk.at(-1) ?? last;
  }
  if (response.statusCode !== 200 || last !== 0x0a) throw new Error(`${url}: ${response.statusCode}`);
  return lines;
}

interface Legacy {
  readonly url: string;
  /** Length of the long list, in bytes. */
  readonly length: number;
  /** The share of the long list already sent, from 0 to 1. */
  sent(): number;
  /** It stops after two thousandths until then. */
  release(): void;
  close(): void;
}

async function startLegacy(): Promise<Legacy> {
  const length = createGeneratedList(count, 0).length(new Set()) + head.length + tail.length;
  let sent = 0;
  let released = Promise.withResolvers<void>();

  async function send(response: ServerResponse, id: number): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.write(head);
    for (const chunk of createGeneratedList(id, 0).chunks(new Set())) {
      if (id === count && sent + chunk.length > length / 500) {
        await Promise.race([released.promise, sleep(patience, undefined, { ref: false })]);
      }
      sent += chunk.length;
      if (!response.write(chunk)) await once(response, 'drain');
    }
    response.end(tail);
  }

  const server = createServer((request, response) => {
    sent = 0;
    released = Promise.withResolvers();
    void send(response, Number(/[?&]id=(\d+)/.exec(request.url ?? '')?.[1]));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    length,
    sent: () => sent / length,
    release: () => released.resolve(),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
