/** Gateway processes on one store, and an emulator that fetches uploads from the process that started last. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { createEmulator, type Emulator } from '../emulator/emulator.ts';
import { type EmulatorServer, serveEmulator } from '../emulator/server.ts';
import { type GatewayProcess, startProcess } from './gateway-process.ts';
import { findS3Server, type S3Server, startS3Server, toS3Variables } from './s3-server.ts';

export interface StoreProcesses {
  readonly emulator: Emulator;
  /** The address of the emulator. */
  readonly legacyUrl: () => string;
  /** Ends with the test. The variables name the store. */
  start(variables: Readonly<Record<string, string>>): Promise<GatewayProcess>;
  /** The variables of an empty store. */
  createStore(kind: StoreKind): Promise<Record<string, string>>;
  /** Null without an S3 server that can lose something. */
  readonly s3Losses: () => S3Server['losses'];
}

const s3Program = findS3Server();

/** moto, the other S3 server, accepts all keys. */
export const isVersitygw = s3Program?.endsWith('versitygw') === true;

export type StoreKind = 'a folder' | 'S3';

/** Those that can run here. */
export const storeKinds: readonly StoreKind[] = ['a folder', ...(s3Program ? (['S3'] as const) : [])];

const publicUrl = 'https://gateway.example';

export interface StoreProcessesOptions {
  /** The vendor waits for it before it fetches an upload. */
  readonly beforeFetch?: () => Promise<void> | undefined;
  /** An S3 server for `createStore`. */
  readonly withS3?: boolean;
}

/** For the tests of one file: starts before the first, and ends after the last. */
export function useStoreProcesses({ beforeFetch, withS3 }: StoreProcessesOptions = {}): StoreProcesses {
  let current = '';
  let legacy: EmulatorServer | null = null;
  let s3: S3Server | null = null;
  const emulator = createEmulator({
    async fetchPath(url) {
      await beforeFetch?.();
      return await fetch(url.replace(publicUrl, current));
    },
  });
  const legacyUrl = () => legacy?.url ?? '';

  beforeAll(async () => {
    legacy = await serveEmulator(emulator);
    s3 = s3Program && withS3 ? await startS3Server(s3Program) : null;
  }, 60_000);
  afterAll(async () => {
    await legacy?.close();
    await s3?.close();
  });

  return {
    emulator,
    legacyUrl,
    s3Losses: () => s3?.losses ?? null,

    async start(variables) {
      const gateway = await startProcess({
        LEGACY_API_URL: legacyUrl(),
        PUBLIC_URL: publicUrl,
        TOKEN_KEYS: btoa('the-bytes-of-the-key-that-seals!'),
        UI: 'off',
        ...variables,
      });
      onTestFinished(async () => void (await gateway.stop('SIGKILL')));
      current = gateway.url;
      return gateway;
    },

    async createStore(kind) {
      if (kind === 'a folder') return { STORE: `file:${await createFolder()}` };
      if (!s3) throw new Error('no S3 server');
      return toS3Variables(s3.config, crypto.randomUUID());
    },
  };
}

/** Empty; removed after the test. */
export async function createFolder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'store-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
