/** A thousand listeners that read at the pace of speech: what each costs the process, and what a list beside them takes. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startWorkerd } from '../support/workerd.ts';
import { median } from './in-turn.ts';
import { authorization } from './load.ts';
import { cpuTime, memory, startProcess } from './processes.ts';
import type { Line, Row } from './row.ts';

const count = Number(process.env.LISTENERS ?? 1000);
const bytesPerSecond = 16_000;
const settleMs = 10_000;
/** An hour of speech: no listener comes to the end. */
const audioBytes = 3600 * bytesPerSecond;

interface Server {
  readonly url: string;
  readonly pid: number;
}

export const listeners: Row = {
  name: 'listeners',
  async measure() {
    const legacy = await startProcess('audio-legacy.ts', { env: { AUDIO_BYTES: String(audioBytes) } });
    const vars = { LEGACY_API_URL: `${legacy.url}/ibp_api.php`, LEGACY_MAX_STREAMS: String(2 * count) };
    const node = await startProcess('../../src/node/main.ts', { env: vars });
    const workerd = process.env.NODE_ONLY ? null : await startWorkerd({ vars });
    try {
      const lines = [...(await measureListeners(node, 'Node')).map(withGoal)];
      if (workerd) lines.push(...(await measureListeners(workerd, 'workerd')));
      return lines;
    } finally {
      for (const running of [node, workerd, legacy]) await running?.close();
    }
  },
};

function withGoal(line: Line): Line {
  const goals: Record<string, Line['goal']> = { KiB: { atMost: 100 }, ms: { atMost: 5 } };
  const goal = goals[line.unit];
  return goal ? { ...line, goal } : line;
}

async function measureListeners(server: Server, name: string): Promise<Line[]> {
  const warm = await Promise.all(Array.from({ length: 20 }, () => listen(server)));
  await sleep(1000);
  for (const listener of warm) listener.leave();
  await sleep(1000);
  const before = memory(server.pid).resident;
  const all: Listener[] = [];
  for (let started = 0; started < count; started += 50) {
    all.push(...(await Promise.all(Array.from({ length: 50 }, () => listen(server)))));
  }
  await sleep(settleMs);
  const cpu = cpuTime(server.pid);
  const bytes = all.reduce((sum, { received }) => sum + received(), 0);
  const latencies: number[] = [];
  for (let request = 0; request < 200; request += 1) {
    const startedAt = performance.now();
    await (await fetch(`${server.url}/health`)).arrayBuffer();
    latencies.push(performance.now() - startedAt);
    await sleep(25);
  }
  const after = memory(server.pid);
  const rate = (all.reduce((sum, { received }) => sum + received(), 0) - bytes) / 1e6;
  const broken = all.filter(({ isOpen }) => !isOpen()).length;
  if (broken > 0) throw new Error(`${name}: ${broken} of ${count} listeners were cut off`);
  for (const listener of all) listener.leave();
  await sleep(1000);
  return [
    {
      what: `${count} listeners at 16 KB/s, ${name}: each`,
      value: ((after.resident - before) * 1024) / count,
      unit: 'KiB',
    },
    { what: 'the same: median of a request beside them', value: median(latencies), unit: 'ms' },
    { what: 'the same: CPU', value: (cpuTime(server.pid) - cpu) / rate, unit: 'ms/MB' },
  ];
}

interface Listener {
  readonly received: () => number;
  readonly isOpen: () => boolean;
  leave(): void;
}

/** Resolves with the first bytes. Reads a second's worth of speech each second. */
async function listen({ url }: Server): Promise<Listener> {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect({ host: hostname, port: Number(port), highWaterMark: bytesPerSecond });
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
