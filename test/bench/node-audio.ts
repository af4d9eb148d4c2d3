/** Audio on Node, beside the minimum for Node. */
import { download, growthBySlowClient } from './download.ts';
import { measureInTurn } from './in-turn.ts';
import { memory, startProcess } from './processes.ts';
import type { Row } from './row.ts';

const mega = 1_000_000;
const giga = 1000 * mega;

export const nodeAudio: Row = {
  name: 'node-audio',
  async measure() {
    const legacy = await startProcess('audio-legacy.ts', { env: { AUDIO_BYTES: String(giga) } });
    const env = { LEGACY_API_URL: `${legacy.url}/ibp_api.php`, LEGACY_METHOD: 'GET' };
    const servers = {
      ours: await startProcess('../../src/node/main.ts', { env }),
      'http + Pool.stream': await startProcess('peers/stream-node.ts', { env }),
    };
    try {
      await download(servers.ours, { range: 'bytes=0-99', expected: 100 });
      const before = memory(servers.ours.pid).resident;
      await download(servers.ours, { expected: giga });
      const growth = memory(servers.ours.pid).peak - before;
      const rate = (server: keyof typeof servers) => async () =>
        giga / mega / (await download(servers[server], { expected: giga })).time;
      const measured = await measureInTurn(
        { ours: rate('ours'), 'http + Pool.stream': rate('http + Pool.stream') },
        5,
      );
      const peer = { name: 'http + Pool.stream', value: measured.median('http + Pool.stream') };
      return [
        {
          what: 'audio of 1 GB, Node',
          value: measured.median('ours'),
          unit: 'MB/s',
          peer,
          ratio: measured.ratio('ours', 'http + Pool.stream'),
          goal: { atLeast: 0.8 },
        },
        { what: 'the same: growth of the process', value: growth, unit: 'MiB', goal: { atMost: 48 } },
        {
          what: 'audio, Node: growth by a slow client',
          value: await growthBySlowClient(servers.ours),
          unit: 'MiB',
        },
      ];
    } finally {
      for (const running of [...Object.values(servers), legacy]) await running.close();
    }
  },
};
