/** `npm run export` into a bucket of a real S3 server: every copy with its digest, a second run, and no bucket. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createS3Store } from '../../src/node/s3-store.ts';
import { createEmulator } from '../emulator/emulator.ts';
import { serveEmulator } from '../emulator/server.ts';
import { createCanaries } from '../support/canaries.ts';
import { findS3Server, type S3Server, startS3Server, toS3Variables } from '../support/s3-server.ts';
import { listKeys } from '../support/test-store.ts';

const root = new URL('../..', import.meta.url).pathname;
const program = findS3Server();

describe.runIf(program)('npm run export -- --to s3://…', { timeout: 60_000 }, () => {
  const emulator = createEmulator();
  const account = emulator.account('north');
  let legacy: Awaited<ReturnType<typeof serveEmulator>>;
  let server: S3Server;

  beforeAll(async () => {
    [legacy, server] = await Promise.all([serveEmulator(emulator), startS3Server(program ?? '')]);
    for (let index = 0; index < 25; index += 1) {
      account.add('queue', '81', { sid: `81${String(index).padStart(6, '0')}`, seconds: 1 });
    }
  });
  afterAll(async () => {
    await server.close();
    await legacy.close();
  });

  async function run(bucket = server.config.bucket) {
    const parameters = ['--type', 'queue', '--id', '81', '--to', `s3://${bucket}/archive`];
    // `--to` names the bucket.
    const { STORE: _store, ...variables } = toS3Variables(server.config, '');
    const env = {
      PATH: process.env.PATH,
      LEGACY_API_URL: legacy.url,
      LEGACY_ACCESS_KEY: account.accessKey,
      LEGACY_SECRET_ACCESS_KEY: account.secretAccessKey,
      ...variables,
    };
    const file = [
      process.execPath,
      ['src/node/export-command.ts', ...parameters, '--calls-per-minute', '60000'],
    ] as const;
    return await promisify(execFile)(...file, { cwd: root, env }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code: Number(code), stdout: String(stdout), stderr: String(stderr) }),
    );
  }

  test('fills the bucket below the prefix; a second run copies nothing', async () => {
    const { code, stdout, stderr } = await run();
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({ status: 'completed', listed: 25, copied: 25, failed: 0 }),
    ]);
    const store = createS3Store({ ...server.config, prefix: 'archive/' });
    try {
      const keys = await listKeys(store, 'exports/');
      const read = async (key = '') =>
        new Uint8Array(await new Response((await store.get(key))?.body).arrayBuffer());
      const manifest = new TextDecoder().decode(
        await read(keys.find((key) => key.endsWith('/manifest.ndjson'))),
      );
      const rows = manifest
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(rows).toHaveLength(25);
      for (const { key, sha256 } of rows) {
        expect([
          key,
          createHash('sha256')
            .update(await read(key))
            .digest('hex'),
        ]).toEqual([key, sha256]);
      }
      const { accessKey, secretAccessKey } = account;
      const canaries = createCanaries({ accessKey, secretAccessKey });
      for (const key of keys) expect([key, canaries.find(await read(key))]).toEqual([key, []]);
      expect(canaries.find(stdout + stderr)).toEqual([]);
    } finally {
      await store.close();
    }
    const again = await run();
    expect(JSON.parse(again.stdout)).toMatchObject({ status: 'completed', copied: 0, skipped: 25 });
  });

  test('without such a bucket exits with 2 and says so', async () => {
    const { code, stderr } = await run('no-such-bucket');
    expect([code, stderr]).toEqual([2, expect.stringContaining('there is no bucket no-such-bucket')]);
    expect(stderr).not.toContain('    at ');
  });
});
