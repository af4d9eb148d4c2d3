/** Everything that each process on Node offers the gateway, whether it serves requests or runs one export. */
import type { Pool } from 'undici';
import type { Config } from '../config.ts';
import type { Platform } from '../services.ts';
import { type Background, createBackground } from './background.ts';
import { createLegacyPool } from './legacy-pool.ts';
import { createNodeTransport } from './legacy-transport.ts';
import { createDigest, createPassThrough, hmac } from './streams.ts';

type Shared =
  | ('transport' | 'createPassThrough' | 'createDigest' | 'hmac' | 'waitUntil')
  | ('rateLimits' | 'fetch' | 'log');

export interface NodePlatform {
  readonly platform: Pick<Platform, Shared>;
  readonly background: Background;
  /** Ends the connections to the legacy service. */
  close(): Promise<void>;
}

/** Without connections for downloads of their own, these share those of the other calls. */
export function createNodePlatform(
  { legacy }: Config,
  { log, downloads }: { readonly log: Platform['log']; readonly downloads?: Pool },
): NodePlatform {
  const pool = createLegacyPool(legacy);
  const background = createBackground();
  return {
    platform: {
      transport: createNodeTransport(pool, downloads),
      createPassThrough,
      createDigest,
      hmac,
      waitUntil: background.waitUntil,
      rateLimits: { callers: null, refusedKeys: null },
      fetch,
      log,
    },
    background,
    close: () => pool.destroy(),
  };
}
