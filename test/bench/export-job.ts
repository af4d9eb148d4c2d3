/** Runs exports into a folder: the memory of the process for large recordings, and for a list of a million. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAudio } from '../emulator/audio.ts';
import { createGeneratedList } from '../emulator/generated-list.ts';
import { authorization } from './load.ts';
import { memory, type Running, startProcess } from './processes.ts';
import type { Line, Row } from './row.ts';

const recordings = 1000;
const megabytes = 5;
const listed = 1_000_000;
const goal = { atMost: 64 };

export const exportJob: Row = {
  name: 'export-job',
  async measure() {
    const directory = mkdtempSync(join(tmpdir(), 'export-job-'));
    const legacy = await startLegacy();
    try {
      return [...(await measureCopies(legacy.url, directory)), ...(await measureList(legacy.url, directory))];
    } finally {
      legacy.close();
      rmSync(directory, { recursive: true });
    }
  },
};

async function start(url: string, directory: string) {
  const gateway = await startProcess('../../src/node/main.ts', {
    env: {
      LEGACY_API_URL: `${url}/ibp_api.php`,
      LEGACY_METHOD: 'GET',
      TOKEN_KEYS: btoa('a key for the bench, 32 bytes lo'),
      STORE: `file:${directory}`,
    },
    // As in `npm run serve`.
    flags: ['--max-semi-space-size=16'],
  });
  const ask = async (path: string, body?: object) => {
    const response = await fetch(gateway.url + path, {
      headers: { authorization, 'Content-Type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const create = async (id: number): Promise<string> => {
    const body = { sources: [{ type: 'findme', id }], calls_per_minute: 60_000, lanes: 8 };
    return (await (await ask('/exports', body)).json()).id;
  };
  const until = async (id: string, isReached: (found: Found) => boolean) => {
    for (;;) {
      const found: Found = await (await ask(`/exports/${id}`)).json();
      if (isReached(found)) return found;
      if (found.status === 'failed') throw new Error(`the export failed: ${found.reason}`);
      await sleep(200);
    }
  };
  // A process that has not worked yet is smaller than an idle one.
  await until(await create(20), ({ status }) => status === 'completed');
  await sleep(1000);
  // Resets the peak (proc(5)).
  writeFileSync(`/proc/${gateway.pid}/clear_refs`, '5');
  return { gateway, ask, create, until, idle: memory(gateway.pid).resident };
}

interface Found {
  readonly status: string;
  readonly reason: string | null;
  readonly progress: { readonly listed: number; readonly copied: number };
}

const growth = ({ pid }: Running, idle: number) => memory(pid).peak - idle;

async function measureCopies(url: string, directory: string): Promise<Line[]> {
  const { gateway, create, until, idle } = await start(url, directory);
  try {
    const startedAt = performance.now();
    const { progress } = await until(await create(recordings), ({ status }) => status === 'completed');
    const seconds = (performance.now() - startedAt) / 1000;
    if (progress.copied < recordings - 20) throw new Error(`${progress.copied} of ${recordings} copied`);
    const what = `export of ${recordings.toLocaleString('en-US')} recordings of ${megabytes} MB, 8 lanes`;
    return [
      { what: `${what}: growth of the process`, value: growth(gateway, idle), unit: 'MiB', goal },
      { what, value: (recordings * megabytes) / seconds, unit: 'MB/s' },
    ];
  } finally {
    await gateway.close();
  }
}

async function measureList(url: string, directory: string): Promise<Line[]> {
  const { gateway, ask, create, until, idle } = await start(url, directory);
  try {
    const startedAt = performance.now();
    const id = await create(listed);
    await until(id, ({ progress }) => progress.listed === listed);
    const seconds = (performance.now() - startedAt) / 1000;
    await ask(`/exports/${id}/pause`, {});
    for (const [format, lines] of [
      ['ndjson', listed],
      ['csv', listed + 1],
    ] as const) {
      const { body } = await ask(`/exports/${id}/manifest?format=${format}`);
      let count = 0;
      for await (const chunk of body ?? []) {
        for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) count += 1;
      }
      if (count !== lines) throw new Error(`${format}: ${count} lines of ${lines}`);
    }
    const what = `export of a list of ${listed.toLocaleString('en-US')}`;
    return [
      {
        what: `${what}, and both manifests: growth of the process`,
        value: growth(gateway, idle),
        unit: 'MiB',
        goal,
      },
      { what: `${what}: time to the plan`, value: seconds, unit: 's' },
    ];
  } finally {
    await gateway.close();
  }
}

/** The `id` of a list is its length; every recording has the same audio. */
async function startLegacy() {
  const audio = createAudio('wav', {
    seed: 'export-job',
    rate: 8000,
    seconds: (megabytes * 1e6) / 16_000,
  }).slice();
  const failure =
    '<response><result>failed</result><result_description>File not found</result_description></response>';

  async function sendList(response: ServerResponse, id: number): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.write(
      '<response>\n<result>success</result>\n<result_description></result_description>\n<data>\n',
    );
    for (const chunk of createGeneratedList(id, 0).chunks(new Set())) {
      if (!response.write(chunk)) await once(response, 'drain');
    }
    response.end('</data>\n</response>\n');
  }

  const server = createServer((request, response) => {
    const parameters = new URL(request.url ?? '', 'http://legacy').searchParams;
    if (parameters.get('action') === 'recording.list') void sendList(response, Number(parameters.get('id')));
    // The call that verifies keys asks for this one.
    else if (parameters.get('sid') === '9999999999999999') {
      response.writeHead(404, { 'content-type': 'text/xml' }).end(failure);
    } else
      response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': audio.length }).end(audio);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
