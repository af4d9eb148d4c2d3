/** Config → Services: pure wiring; what differs by runtime comes in as the Platform. */

import type { R2Bucket } from '@cloudflare/workers-types';
import { type Authenticate, createAuthenticate } from './auth/authenticate.ts';
import { createSealer, type Sealer } from './auth/seal.ts';
import type { Config } from './config.ts';
import { createLegacyClient, type LegacyClient } from './legacy/client.ts';
import { createRecordedAt } from './legacy/recorded-at.ts';
import type { LegacyTransport } from './legacy/transport.ts';
import { createFirstAnswers, type FirstAnswers } from './staging/first-answers.ts';
import type { PathPrefixes } from './staging/path-prefixes.ts';
import { createStaging, type Staging } from './staging/staging.ts';

/** What a runtime brings along. */
export interface Platform {
  readonly transport: LegacyTransport;
  /** R2, where it is bound: recordings' audio, uploads on their way, and first answers to repeated requests. */
  readonly bucket: R2Bucket | null;
  /** Lets work go on after the answer has been sent. */
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** One event, one line. */
  readonly log: (event: Readonly<Record<string, unknown>>) => void;
}

export interface Services {
  readonly legacy: LegacyClient;
  readonly authenticate: Authenticate;
  /** Whether any Bearer token can be good here. */
  readonly bearer: boolean;
  /** The legacy's wall-clock text as RFC 3339, or null. */
  readonly recordedAt: (date: string | null) => string | null;
  /** Null where no TOKEN_KEYS are configured. */
  readonly sealer: Sealer | null;
  readonly publicUrl: string | null;
  readonly bucket: R2Bucket | null;
  /** Null where no store, PUBLIC_URL or TOKEN_KEYS are configured. */
  readonly staging: Staging | null;
  /** Null where no store is bound. */
  readonly firstAnswers: FirstAnswers | null;
  /** Where the vendor may be sent with keys that the gateway holds. */
  readonly pathPrefixes: PathPrefixes;
  readonly waitUntil: Platform['waitUntil'];
  readonly log: Platform['log'];
}

/** Texts sealed by one gateway open at every instance of it that has the same keys. */
const issuer = 'recordings-gateway';

export function createServices(config: Config, platform: Platform): Services {
  const { url, method, timeout, timeZone } = config.legacy;
  const { tokenKeys } = config;
  const sealer = tokenKeys.length > 0 ? createSealer({ keys: tokenKeys, issuer, audience: issuer }) : null;
  return {
    legacy: createLegacyClient({ url, method, timeout, transport: platform.transport }),
    authenticate: createAuthenticate({ tokens: null, identityProvider: null, links: null }),
    bearer: false,
    recordedAt: createRecordedAt(timeZone),
    sealer,
    publicUrl: config.publicUrl,
    bucket: platform.bucket,
    staging:
      platform.bucket && sealer && config.publicUrl
        ? createStaging({
            bucket: platform.bucket,
            sealer,
            publicUrl: config.publicUrl,
            limit: config.uploads.limit,
          })
        : null,
    // Past the legacy's deadline and what keeping its answer takes, whoever made the call is gone.
    firstAnswers:
      platform.bucket && createFirstAnswers({ bucket: platform.bucket, patience: timeout + 15_000 }),
    pathPrefixes: config.uploads.pathPrefixes,
    waitUntil: platform.waitUntil,
    log: platform.log,
  };
}
