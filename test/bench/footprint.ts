/** Size and start-up time of the deployed Worker, as wrangler reports them. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Row } from './row.ts';

const root = new URL('../..', import.meta.url).pathname;

export const footprint: Row = {
  name: 'footprint',
  async measure() {
    const directory = await mkdtemp(join(tmpdir(), 'startup-'));
    try {
      const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js');
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [wrangler, 'check', 'startup', '--outfile', join(directory, 'startup.cpuprofile')],
        { cwd: root, env: { ...process.env, WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1' } },
      );
      return [
        {
          what: 'bundle of the Worker, gzipped',
          value: figure(stdout, /gzip: ([\d.]+) KiB/),
          unit: 'KiB',
          goal: { atMost: 150 },
        },
        {
          what: 'start of the Worker: CPU',
          value: figure(stdout, /Active: ([\d.]+) ms/),
          unit: 'ms',
          goal: { atMost: 60 },
        },
      ];
    } finally {
      await rm(directory, { recursive: true });
    }
  },
};

function figure(output: string, pattern: RegExp): number {
  const [, text] = pattern.exec(output) ?? [];
  if (text === undefined) throw new Error(`wrangler does not tell ${pattern}:\n${output}`);
  return Number(text);
}
