/** Audio on plain workerd, beside the platform's own pipe and a Worker that passes the response on. */
import { serveR2 } from '../support/r2-server.ts';
import { startWorkerd } from '../support/workerd.ts';
import { bundlePeer } from './bundle-peer.ts';
import { download, growthBySlowClient } from './download.ts';
import { measureInTurn, median } from './in-turn.ts';
import { startProcess } from './processes.ts';
import type { Line, Row } from './row.ts';

const mega = 1_000_000;
const length = 300 * mega;
const rounds = 9;
const jump = 200 * mega;
/** As many as a caller may make at once. */
const jumps = 5;

export const workerdAudio: Row = {
  name: 'workerd-audio',
  async measure() {
    const legacy = await startProcess('audio-legacy.ts', { env: { AUDIO_BYTES: String(length) } });
    const store = await serveR2();
    const vars = { LEGACY_API_URL: `${legacy.url}/ibp_api.php`, LEGACY_METHOD: 'GET' };
    const servers = {
      ours: await startWorkerd({ vars }),
      'pipeTo Worker': await startWorkerd({ vars, script: await bundlePeer('pipe-worker.ts') }),
      'pass-through Worker': await startWorkerd({ vars, script: await bundlePeer('pass-through-worker.ts') }),
    };
    const keeping = await startWorkerd({ vars, store: store.address });
    // A process whose memory has not grown yet.
    const fresh = await startWorkerd({ vars });
    try {
      return [
        ...(await measureWhole(servers)),
        await measureJump(servers.ours),
        {
          what: 'audio, workerd: growth by a slow client',
          value: await growthBySlowClient(fresh),
          unit: 'MiB',
          goal: { atMost: 16 },
        },
        ...(await measureKeeping(keeping, servers.ours, store)),
      ];
    } finally {
      for (const running of [...Object.values(servers), keeping, fresh, legacy, store]) await running.close();
    }
  },
};

type Server = Parameters<typeof download>[0];

async function measureWhole(servers: Record<'ours' | 'pipeTo Worker' | 'pass-through Worker', Server>) {
  const cpu: number[] = [];
  const rate = (server: Server) => async () => {
    const { time, cpu: spent } = await download(server, { expected: length });
    if (server === servers.ours) cpu.push(spent);
    return length / mega / time;
  };
  const measured = await measureInTurn(
    {
      ours: rate(servers.ours),
      'pipeTo Worker': rate(servers['pipeTo Worker']),
      'pass-through Worker': rate(servers['pass-through Worker']),
    },
    rounds,
  );
  const against = (name: 'pipeTo Worker' | 'pass-through Worker') => ({
    what: 'audio of 300 MB, workerd',
    value: measured.median('ours'),
    unit: 'MB/s',
    peer: { name, value: measured.median(name) },
    ratio: measured.ratio('ours', name),
  });
  return [
    { ...against('pipeTo Worker'), goal: { atLeast: 0.9 } },
    against('pass-through Worker'),
    { what: 'the same: CPU', value: median(cpu), unit: 'ms/MB', goal: { atMost: 2.5 } },
  ];
}

async function measureJump(ours: Server): Promise<Line> {
  const rates: number[] = [];
  for (let round = 0; round < jumps; round += 1) {
    const { time } = await download(ours, { range: `bytes=${jump}-${jump + 999}`, expected: 1000 });
    rates.push(jump / mega / time);
  }
  return {
    what: 'a kilobyte at 200 MB without a store, workerd',
    value: median(rates),
    unit: 'MB/s',
    goal: { atLeast: 300 },
  };
}

/** The first download is stored in another process while it is streamed; the end is then read from the store. */
async function measureKeeping(
  keeping: Server,
  plain: Server,
  store: Awaited<ReturnType<typeof serveR2>>,
): Promise<Line[]> {
  const cpu: number[] = [];
  const measured = await measureInTurn(
    {
      keeping: async () => {
        store.clear();
        const { time, cpu: spent } = await download(keeping, { expected: length });
        cpu.push(spent);
        return length / mega / time;
      },
      plain: async () => length / mega / (await download(plain, { expected: length })).time,
    },
    3,
  );
  while (store.objects.size === 0) await new Promise((resolve) => setTimeout(resolve, 100));
  const last = length / 100;
  const ends: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ends.push((await download(keeping, { range: `bytes=-${last}`, expected: last })).time * 1000);
  }
  return [
    {
      what: 'audio of 300 MB, workerd, kept while it passes',
      value: measured.median('keeping'),
      unit: 'MB/s',
      peer: { name: 'without a store', value: measured.median('plain') },
      ratio: measured.ratio('keeping', 'plain'),
    },
    { what: 'the same: CPU', value: median(cpu), unit: 'ms/MB' },
    { what: 'the last 1% of it from the store', value: median(ends), unit: 'ms' },
  ];
}
