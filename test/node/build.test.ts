/** The running version and commit, as the Node entry reports them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { version } from '../../src/config/build.ts';
import { readCommit } from '../../src/node/commit.ts';
import { findFreePort } from '../support/free-port.ts';
import { startProcess } from '../support/gateway-process.ts';
import { startWorkerd } from '../support/workerd.ts';

const commit = '57279b0c31e8bb38b0a2ef1c1c1b9d2a2f9d2f0e';
const env = { LEGACY_API_URL: 'http://127.0.0.1:9/ibp_api.php' };

function createFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'commit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

test('the version is that of package.json', () => {
  expect(version).toBe(manifest.version);
});

test.each([
  ['a branch', { '.git/HEAD': 'ref: refs/heads/main\n', '.git/refs/heads/main': `${commit}\n` }, commit],
  [
    'a packed branch',
    { '.git/HEAD': 'ref: refs/heads/main\n', '.git/packed-refs': `# pack-refs\n${commit} refs/heads/main\n` },
    commit,
  ],
  ['a commit that is checked out by itself', { '.git/HEAD': `${commit}\n` }, commit],
  [
    'a worktree',
    {
      '.git': 'gitdir: main/.git/worktrees/w\n',
      'main/.git/worktrees/w/HEAD': 'ref: refs/heads/w\n',
      'main/.git/worktrees/w/commondir': '../..\n',
      'main/.git/refs/heads/w': `${commit}\n`,
    },
    commit,
  ],
  ['a branch without a commit', { '.git/HEAD': 'ref: refs/heads/main\n' }, null],
  ['another file', { '.git/HEAD': 'canary' }, null],
  ['no repository', {}, null],
])('the commit of %s is read from .git', (_of, files, expected) => {
  expect(readCommit(createFolder(files))).toBe(expected);
});

test.each([
  ['COMMIT', { COMMIT: 'release-7' }, 'release-7'],
  ['.git', {}, readCommit(new URL('../..', import.meta.url).pathname)],
])(
  'the first line of the log, /health and the metrics name the commit from %s',
  async (_from, extra, expected) => {
    const metricsPort = await findFreePort();
    const gateway = await startProcess({ ...env, ...extra, METRICS_PORT: String(metricsPort) });
    onTestFinished(() => void gateway.stop('SIGKILL'));
    expect(JSON.parse(gateway.lines[0] ?? '')).toEqual({
      level: 'info',
      event: 'starting',
      time: expect.stringMatching(/Z$/),
      version,
      commit: expected,
      runtime: `node ${process.versions.node}`,
    });
    for (const path of ['/health', '/health/ready']) {
      const response = await fetch(gateway.url + path);
      expect(await response.json()).toEqual({ status: 'ok', version, commit: expected });
    }
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    expect(metrics).toContain(`gateway_build_info{version="${version}",commit="${expected ?? ''}"} 1`);
  },
);

test('the deployed Worker reports them in its first line and in /health, and warns of misspelled variables', async () => {
  const lines: string[] = [];
  const vars = { ...env, COMMIT: commit, CORS_ORIGIN: '*' };
  const worker = await startWorkerd({ vars, onLine: (line) => lines.push(line) });
  onTestFinished(() => worker.close());
  const health = { version, commit };
  for (let count = 0; count < 2; count++) {
    expect(await (await fetch(`${worker.url}/health`)).json()).toEqual({ status: 'ok', ...health });
  }
  const events = () => lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  await expect.poll(() => events().length).toBe(4);
  const time = expect.stringMatching(/Z$/);
  expect(events().slice(0, 2)).toEqual([
    { level: 'info', event: 'starting', time, ...health, runtime: 'workers' },
    { level: 'warn', event: 'unknown-variable', time, name: 'CORS_ORIGIN', similar: 'CORS_ORIGINS' },
  ]);
  expect(events().slice(2)).toMatchObject([{ event: 'request' }, { event: 'request' }]);
});
