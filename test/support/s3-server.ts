/** A real S3 server for tests: versitygw or moto if installed, otherwise moto from PyPI in a separate folder. */
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { S3Config } from '../../src/config/store.ts';
import { createS3Client } from '../../src/node/s3-client.ts';
import { findFreePort } from './free-port.ts';

export interface S3Server {
  readonly name: string;
  readonly config: S3Config;
  /** Takes the bucket away, or the gateway's key, until `restore`; null for moto, which accepts all keys. */
  readonly losses: Readonly<Record<'bucket' | 'key', S3Loss>> | null;
  close(): Promise<void>;
}

interface S3Loss {
  lose(): Promise<void>;
  restore(): Promise<void>;
}

type Name = 'versitygw' | 'moto_server';

const root = new URL('../..', import.meta.url).pathname;
const venv = join(root, 'node_modules/.cache/moto');

/** The server's program; null if it cannot be installed. */
export function findS3Server(wanted: readonly Name[] = ['versitygw', 'moto_server']): string | null {
  const found = wanted.map(which).find((path) => path !== null);
  if (found) return found;
  return wanted.includes('moto_server') ? installMoto() : null;
}

function which(name: Name): string | null {
  const places = [
    ...(process.env.PATH ?? '').split(':'),
    join(process.env.HOME ?? '', 'go/bin'),
    join(venv, 'bin'),
  ];
  return places.map((place) => join(place, name)).find((path) => existsSync(path)) ?? null;
}

function installMoto(): string | null {
  if (spawnSync('python3', ['--version']).status !== 0) return null;
  try {
    mkdirSync(venv, { recursive: true });
    execFileSync('python3', ['-m', 'venv', venv], { stdio: 'ignore' });
    execFileSync(join(venv, 'bin/pip'), ['install', '-q', 'moto[server,s3]'], {
      stdio: 'ignore',
      timeout: 120_000,
    });
  } catch {
    return null;
  }
  return which('moto_server');
}

const credentials = { accessKeyId: 'testkey', secretAccessKey: 'testsecret', sessionToken: null };
/** versitygw's own, which creates and deletes the other. */
const rootCredentials = { accessKeyId: 'rootkey', secretAccessKey: 'rootsecret', sessionToken: null };

/** The gateway's variables for the store. */
export function toS3Variables({ bucket, endpoint, region, credentials }: S3Config, prefix: string) {
  return {
    STORE: `s3://${bucket}/${prefix}`,
    S3_ENDPOINT: endpoint?.href ?? '',
    S3_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}

/** With one empty bucket. */
export async function startS3Server(program: string): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 's3-'));
  const port = await findFreePort();
  const isMoto = program.endsWith('moto_server');
  const users = join(directory, 'users');
  const buckets = join(directory, 'buckets');
  for (const folder of [users, buckets]) mkdirSync(folder);
  const parameters = isMoto
    ? ['-H', '127.0.0.1', '-p', String(port)]
    : ['--port', `127.0.0.1:${port}`, '--iam-dir', users, '--iam-cache-disable', 'posix', buckets];
  const server = spawn(program, parameters, {
    stdio: 'ignore',
    env: {
      ...process.env,
      ROOT_ACCESS_KEY: rootCredentials.accessKeyId,
      ROOT_SECRET_KEY: rootCredentials.secretAccessKey,
    },
  });
  const config: S3Config = {
    kind: 's3',
    bucket: 'recordings',
    prefix: 'some/where/',
    endpoint: new URL(`http://127.0.0.1:${port}`),
    region: 'us-east-1',
    credentials,
  };
  await createBucket(isMoto ? config : { ...config, credentials: rootCredentials });
  const losses = isMoto ? null : toLosses(program, config, join(buckets, config.bucket));
  await losses?.key.restore();
  return {
    name: isMoto ? 'moto' : 'versitygw',
    config,
    losses,
    async close() {
      server.kill('SIGKILL');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function toLosses(program: string, { endpoint, credentials }: S3Config, bucket: string) {
  const admin = ['admin', '-a', rootCredentials.accessKeyId, '-s', rootCredentials.secretAccessKey];
  const run = async (...command: string[]) => {
    await promisify(execFile)(program, [...admin, '-er', endpoint?.origin ?? '', ...command]);
  };
  const { accessKeyId, secretAccessKey } = credentials;
  return {
    bucket: {
      lose: () => rename(bucket, `${bucket}.away`),
      restore: () => rename(`${bucket}.away`, bucket),
    },
    key: {
      lose: () => run('delete-user', '-a', accessKeyId),
      restore: () => run('create-user', '-a', accessKeyId, '-s', secretAccessKey, '-r', 'admin'),
    },
  };
}

async function createBucket(config: S3Config): Promise<void> {
  const client = createS3Client(config);
  for (let tries = 0; ; tries += 1) {
    try {
      const request = { method: 'PUT', key: null, retry: 'never', expect: [200] } as const;
      await (await client.request(request)).body.dump();
      return await client.close();
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(100);
    }
  }
}
