/** A real S3 server for tests: versitygw or moto if installed, otherwise moto from PyPI in a separate folder. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Config } from '../../src/config/store.ts';
import { createS3Client } from '../../src/node/s3-client.ts';
import { findFreePort } from './free-port.ts';

export interface S3Server {
  readonly name: string;
  readonly config: S3Config;
  close(): Promise<void>;
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
  const parameters = isMoto
    ? ['-H', '127.0.0.1', '-p', String(port)]
    : ['--port', `127.0.0.1:${port}`, 'posix', directory];
  const server = spawn(program, parameters, {
    stdio: 'ignore',
    env: {
      ...process.env,
      ROOT_ACCESS_KEY: credentials.accessKeyId,
      ROOT_SECRET_KEY: credentials.secretAccessKey,
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
  await createBucket(config);
  return {
    name: isMoto ? 'moto' : 'versitygw',
    config,
    async close() {
      server.kill('SIGKILL');
      await rm(directory, { recursive: true, force: true });
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
