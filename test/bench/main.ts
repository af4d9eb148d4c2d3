/** `npm run bench`: measures the gateway beside its peers. Names choose rows, `--json` prints JSON. */
import { parseArgs } from 'node:util';
import { conversion } from './conversion.ts';
import { exports } from './export.ts';
import { exportJob } from './export-job.ts';
import { footprint } from './footprint.ts';
import { latency } from './latency.ts';
import { listeners } from './listeners.ts';
import { nodeAudio } from './node-audio.ts';
import { nodeLists } from './node-lists.ts';
import { isMet, type Row } from './row.ts';
import { storesRow } from './stores.ts';
import { toTable } from './table.ts';
import { walkRow } from './walks.ts';
import { workerdAudio } from './workerd-audio.ts';
import { workerdLists } from './workerd-lists.ts';

/** In the order of the table. */
const rows: readonly Row[] = [
  conversion,
  workerdLists,
  nodeLists,
  walkRow,
  storesRow,
  exports,
  exportJob,
  latency,
  footprint,
  workerdAudio,
  nodeAudio,
  listeners,
];

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !rows.some((row) => row.name === name));
if (unknown.length > 0) {
  console.error(
    `No row is called ${unknown.join(', ')}. There are: ${rows.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}

const chosen = rows.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const lines = [];
for (const { name, measure } of chosen) {
  const startedAt = performance.now();
  console.error(`${name} …`);
  // The other rows are worth their minutes.
  const measured = await measure().catch((error) => {
    console.error(error);
    process.exitCode = 1;
    return [];
  });
  console.error(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  lines.push(...measured.map((line) => ({ row: name, ...line })));
}

if (values.json) {
  const withVerdict = lines.map((line) => ({ ...line, met: 'skipped' in line ? null : isMet(line) }));
  console.log(JSON.stringify({ node: process.version, lines: withVerdict }, null, 2));
} else {
  console.log(toTable(lines));
}
