/** Latency that the gateway adds to the shortest list: one request at a time, in turn with the legacy service itself. */
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { startWorkerd } from '../support/workerd.ts';
import { median } from './in-turn.ts';
import { authorization } from './load.ts';
import { type Running, startProcess } from './processes.ts';
import type { Row } from './row.ts';

const pairs = 1000;
const query = 'type=powerdialer&id=2';

export const latency: Row = {
  name: 'latency',
  async measure() {
    const legacy = await startProcess('legacy.ts');
    const vars = {
      LEGACY_API_URL: `${legacy.url}/ibp_api.php`,
      LEGACY_METHOD: 'GET',
      LEGACY_TIME_ZONE: 'America/Chicago',
    };
    const gateways: Record<string, Running> = {
      Node: await startProcess('../../src/node/main.ts', { env: vars }),
      workerd: await startWorkerd({ vars }),
    };
    try {
      const lines = [];
      for (const [name, { url }] of Object.entries(gateways)) {
        const times: Record<'through' | 'direct', number[]> = { through: [], direct: [] };
        for (let pair = 0; pair < pairs; pair += 1) {
          times.through.push(await time(`${url}/recordings?${query}`));
          times.direct.push(await time(`${vars.LEGACY_API_URL}?${query}`));
        }
        // The first half is a warm-up.
        const through = median(times.through.slice(pairs / 2));
        const direct = median(times.direct.slice(pairs / 2));
        lines.push({
          what: `list of two, ${name}: added to the median`,
          value: through - direct,
          unit: 'ms',
          peer: { name: 'the legacy itself', value: direct },
          goal: { atMost: 1 },
        });
      }
      return lines;
    } finally {
      for (const running of [...Object.values(gateways), legacy]) await running.close();
    }
  },
};

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** In milliseconds, to the end of the response. */
async function time(url: string): Promise<number> {
  const startedAt = performance.now();
  const request = get(url, { agent, headers: { authorization } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 200) throw new Error(`${url}: ${response.statusCode}`);
  return performance.now() - startedAt;
}
