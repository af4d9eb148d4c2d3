/** A thousand listeners that read at the pace of speech: what each costs the process, and what a list beside them takes. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startWorkerd } from '../support/workerd.ts';
import { median } from './in-turn.ts';
import { authorization } from './load.ts';
import { cpuTime, memory, startProcess } from './processes.ts';
import type { Line, Row } from './row.ts';

const count = 1000;
const bytesPerSecond = 16_000;
/** An hour of speech: no listener comes to the end. */
const audioBytes = 3600 * bytesPerSecond;

interface Server {
  readonly url: string;
  readonly pid: number;
}

export interface ListenersOptions {
  readonly count: number;
  /** Until the buffers of the system are full, and the gateway's own are all that grows. */
  readonly settleMs: number;
}

export interface ListenersCost {
  readonly kibEach: number;
  readonly listMs: number;
  readonly cpuMsPerMegabyte: number;
}

export const startAudioLegacy = () =>
  startProcess('audio-legacy.ts', { env: { AUDIO_BYTES: String(audioBytes) } });

export const toVariables = ({ url }: Pick<Server, 'url'>) => ({
  LEGACY_API_URL: `${url}/ibp_api.php`,
  LEGACY_METHOD: 'GET',
});

export const listeners: Row = {
  name: 'listeners',
  async measure() {
    const legacy = await startAudioLegacy();
    const vars = toVariables(legacy);
    const node = await startProcess('../../src/node/main.ts', { env: vars });
    const workerd = await startWorkerd({ vars });
    try {
      const options = { count, settleMs: 20_000 };
      return [
        ...toLines('Node', await measureListeners(node, options)).map(withGoal),
        ...toLines('workerd', await measureListeners(workerd, options)),
      ];
    } finally {
      for (const running of [node, workerd, legacy]) await running.close();
    }
  },
};

function toLines(name: string, { kibEach, listMs, cpuMsPerMegabyte }: ListenersCost): Line[] {
  return [
    { what: `${count} listeners at 16 KB/s, ${name}: each`, value: kibEach, unit: 'KiB' },
    { what: 'the same: median of a list beside them', value: listMs, unit: 'ms' },
    { what: 'the same: CPU', value: cpuMsPerMegabyte, unit: 'ms/MB' },
  ];
}

function withGoal(line: Line): Line {
  const goals: Record<string, Line['goal']> = { KiB: { atMost: 100 }, ms: { atMost: 5 } };
  const goal = goals[line.unit];
  return goal ? { ...line, goal } : line;
}

/** Throws where a listener is cut off. */
export async function measureListeners(server: Server, options: ListenersOptions): Promise<ListenersCost> {
  // The process grows with its first requests in any case.
  for (const listener of await start(server, 20)) listener.leave();
  await listMs(server);
  const before = memory(server.pid).resident;
  const all: Listener[] = [];
  while (all.length < options.count) all.push(...(await start(server, 50)));
  await sleep(options.settleMs);
  const cpu = cpuTime(server.pid);
  const bytes = toBytes(all);
  const latencies: number[] = [];
  for (let request = 0; request < 100; request += 1) {
    latencies.push(await listMs(server));
    await sleep(10);
  }
  const kibEach = ((memory(server.pid).resident - before) * 1024) / all.length;
  const cpuMsPerMegabyte = (cpuTime(server.pid) - cpu) / ((toBytes(all) - bytes) / 1e6);
  const cut = all.filter(({ isOpen }) => !isOpen()).length;
  for (const listener of all) listener.leave();
  if (cut > 0) throw new Error(`${cut} of ${all.length} listeners were cut off`);
  return { kibEach, listMs: median(latencies), cpuMsPerMegabyte };
}

const start = (server: Server, number: number) =>
  Promise.all(Array.from({ length: number }, () => listen(server)));

const toBytes = (all: readonly Listener[]) => all.reduce((sum, { received }) => sum + received(), 0);

async function listMs({ url }: Server): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(`${url}/recordings?type=findme&id=1`, { headers: { authorization } });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`${url}: ${response.status}`);
  return performance.now() - startedAt;
}

interface Listener {
  readonly received: () => number;
  readonly isOpen: () => boolean;
  leave(): void;
}

/** Resolves with the first bytes. Reads a second's worth of speech each second. */
async function listen({ url }: Server): Promise<Listener> {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => {});
  let received = 0;
  await once(socket, 'connect');
  socket.write(
    `GET /recordings/1/audio HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: ${authorization}\r\n\r\n`,
  );
  await once(socket, 'readable');
  const timer = setInterval(() => {
    received += socket.read(Math.min(bytesPerSecond, socket.readableLength))?.length ?? 0;
  }, 1000);
  return {
    received: () => received,
    isOpen: () => !socket.destroyed && received > 0,
    leave() {
      clearInterval(timer);
      socket.destroy();
    },
  };
}
