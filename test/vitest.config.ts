/**
 * Runs the same tests in both runtimes, `node` and `workers`, plus those of one runtime. `s3` repeats the tests of
 * the store.
 */
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { findS3Server } from './support/s3-server.ts';

const root = new URL('..', import.meta.url).pathname;

const s3Server = findS3Server();
if (!s3Server)
  console.warn('Skipped: the tests of test/store on S3. They need versitygw, or Python 3 with venv.');

/** The variables that are set, for tests that take their size from them. */
const pick = (...names: string[]) =>
  Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));

export default defineConfig({
  root,
  test: {
    // A hanging test exceeds this; one slowed down by other tests does not.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: { name: 'node', include: ['test/**/*.test.ts'], exclude: ['test/workers/**'] },
      },
      {
        extends: true,
        plugins: [
          cloudflareTest({
            main: './test/workers/workflow-worker.ts',
            miniflare: {
              compatibilityDate: '2026-11-01',
              r2Buckets: ['STORE'],
              workflows: { EXPORTS: { name: 'exports', className: 'ExportWorkflow' } },
              bindings: pick('EXPORT_PAUSE_RECORDINGS', 'EXPORT_PAUSES'),
            },
          }),
        ],
        test: {
          name: 'workers',
          include: ['test/{unit,http,workers,store}/**/*.test.ts'],
          exclude: ['test/unit/panel/curl.test.ts'],
        },
      },
      ...(s3Server
        ? [
            {
              extends: true as const,
              test: {
                name: 's3',
                include: ['test/store/**/*.test.ts'],
                globalSetup: ['test/support/s3-setup.ts'],
              },
            },
          ]
        : []),
    ],
  },
});
