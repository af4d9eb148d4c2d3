/** Lists of 1,000 on Node, beside other ways to build a gateway. */
import { loadLists } from './list-load.ts';
import { startNginx } from './nginx.ts';
import { type Running, startProcess } from './processes.ts';
import type { Row } from './row.ts';

const count = 1000;
const goals: Readonly<Record<string, number>> = { 'nginx with XSLT': 2, 'Hono + fast-xml-parser': 8 };

export const nodeLists: Row = {
  name: 'node-lists',
  async measure() {
    const legacy = await startProcess('legacy.ts');
    const env = {
      LEGACY_API_URL: `${legacy.url}/ibp_api.php`,
      LEGACY_METHOD: 'GET',
      LEGACY_TIME_ZONE: 'America/Chicago',
      RATE_LIMIT: '1000000000',
    };
    const nginx = await startNginx(env.LEGACY_API_URL);
    const contestants: Record<string, Running> = {
      ours: await startProcess('../../src/node/main.ts', { env }),
      'Hono + fast-xml-parser': await startProcess('peers/hono-node.ts', { env }),
      'Fastify + reply-from + fast-xml-parser': await startProcess('peers/fastify-node.ts', { env }),
      ...(nginx && { 'nginx with XSLT': nginx }),
    };
    try {
      const measured = await loadLists(contestants, { id: count, limit: count, connections: 8 });
      const what = `lists of ${count.toLocaleString('en-US')}, Node`;
      const lines = Object.keys(contestants)
        .filter((name) => name !== 'ours')
        .map((name) => ({
          what,
          value: measured.rate('ours'),
          unit: 'lists/s',
          peer: { name, value: measured.rate(name) },
          ratio: measured.ratio('ours', name),
          ...(goals[name] && { goal: { atLeast: goals[name] } }),
        }));
      return nginx
        ? lines
        : [...lines, { what: `${what}, beside nginx`, skipped: 'nginx or its XSLT module is not installed' }];
    } finally {
      for (const running of [...Object.values(contestants), legacy]) await running.close();
    }
  },
};
