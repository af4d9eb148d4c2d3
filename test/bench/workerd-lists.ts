/** Pages on plain workerd, beside a Worker that only passes the legacy service's bytes on, and a typical one. */
import { startWorkerd } from '../support/workerd.ts';
import { bundlePeer } from './bundle-peer.ts';
import { loadLists } from './list-load.ts';
import { startProcess } from './processes.ts';
import type { Line, Row } from './row.ts';

const goals = new Map([
  [100, { ratio: 0.5 }],
  [1000, { ratio: 0.2, cpu: 3 }],
]);

export const workerdLists: Row = {
  name: 'workerd-lists',
  async measure() {
    const legacy = await startProcess('legacy.ts');
    const vars = {
      LEGACY_API_URL: `${legacy.url}/ibp_api.php`,
      LEGACY_METHOD: 'GET',
      LEGACY_TIME_ZONE: 'America/Chicago',
    };
    const contestants = {
      ours: await startWorkerd({ vars: { ...vars, RATE_LIMIT: '1000000000' }, logsToFile: true }),
      'pass-through Worker': await startWorkerd({ vars, script: await bundlePeer('pass-through-worker.ts') }),
      'Hono + fast-xml-parser': await startWorkerd({ vars, script: await bundlePeer('hono-worker.ts') }),
    };
    try {
      const lines: Line[] = [];
      for (const [count, goal] of goals) lines.push(...(await measurePage(contestants, count, goal)));
      return lines;
    } finally {
      for (const running of [...Object.values(contestants), legacy]) await running.close();
    }
  },
};

type Contestants = Parameters<typeof loadLists<'ours' | 'pass-through Worker' | 'Hono + fast-xml-parser'>>[0];

async function measurePage(
  contestants: Contestants,
  count: number,
  goal: { ratio: number; cpu?: number },
): Promise<Line[]> {
  const measured = await loadLists(contestants, { id: count, limit: count, connections: 8 });
  const page = `page of ${count.toLocaleString('en-US')}, workerd`;
  const against = (name: 'pass-through Worker' | 'Hono + fast-xml-parser') => ({
    what: page,
    value: measured.rate('ours'),
    unit: 'lists/s',
    peer: { name, value: measured.rate(name) },
    ratio: measured.ratio('ours', name),
  });
  return [
    { ...against('pass-through Worker'), goal: { atLeast: goal.ratio } },
    against('Hono + fast-xml-parser'),
    {
      what: `${page}: CPU of the process`,
      value: measured.cpu('ours'),
      unit: 'ms',
      peer: { name: 'pass-through Worker', value: measured.cpu('pass-through Worker') },
      ...(goal.cpu !== undefined && { goal: { atMost: goal.cpu } }),
    },
  ];
}
