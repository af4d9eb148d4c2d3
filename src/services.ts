/**
 * Config → Services: pure wiring; what differs by runtime comes in as the Platform.
 * One list of all services, and so longer than other files.
 */

import { type AudioCache, createAudioCache } from './audio/cache/audio-cache.ts';
import { createPolls, type Polls } from './audio/poll.ts';
import { createSkipBudget, type SkipBudget } from './audio/skip-budget.ts';
import type { AuditEvent } from './auth/audit-event.ts';
import { type Authenticate, createAuthenticate } from './auth/authenticate.ts';
import { type CallerRate, createCallerRate } from './auth/caller-rate.ts';
import { createIdentityProvider } from './auth/identity-provider.ts';
import { createJwks, type JwksOptions } from './auth/jwks.ts';
import { type AudioLinks, createAudioLinks } from './auth/links.ts';
import { createLoginThrottle, type LoginThrottle } from './auth/login-throttle.ts';
import type { RateLimit } from './auth/rate-limit.ts';
import { createSealer, type Sealer } from './auth/seal.ts';
import { type AccessTokens, createAccessTokens } from './auth/tokens.ts';
import { createVerifiedAccounts, type VerifiedAccounts } from './auth/verified-accounts.ts';
import { type Assets, createUi, type Ui } from './config/ui.ts';
import type { Config } from './config.ts';
import { isLoopback } from './http/loopback.ts';
import { createResilience, type Resilience } from './legacy/call/call.ts';
import { createLegacyClient, type LegacyClient } from './legacy/client.ts';
import { createLegacyHealth, type LegacyHealth } from './legacy/health.ts';
import type { LegacyTransport } from './legacy/transport.ts';
import { createDocuments, type Documents, type LoadDocument } from './openapi/documents.ts';
import type { CreateDigest, CreatePassThrough } from './primitives/runtime-streams.ts';
import { createReach, type Reach } from './recordings/reach.ts';
import { createRecordedAt } from './recordings/recorded-at.ts';
import type { ObjectStore } from './store/object-store.ts';
import type { AllowedPaths } from './uploads/allowed-paths.ts';
import { createIdempotencyStore, type IdempotencyStore } from './uploads/idempotency-store.ts';
import { createStaging, type Staging } from './uploads/staging.ts';

/** What a runtime brings along. */
export interface Platform {
  readonly transport: LegacyTransport;
  /** Stored audio, staged uploads, and first responses to repeated requests; null where none is configured. */
  readonly store: ObjectStore | null;
  readonly createPassThrough: CreatePassThrough;
  readonly createDigest: CreateDigest;
  /** Lets work go on after the answer has been sent. */
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Who asks, by what the runtime knows and not by what the client says. */
  readonly clientAddress: (request: Request) => string;
  /** The platform's own counters of requests by caller, and of refused keys by address; null where there is none. */
  readonly rateLimits: { readonly callers: RateLimit | null; readonly refusedKeys: RateLimit | null };
  /** Fetches the identity provider's keys. */
  readonly fetch: JwksOptions['fetch'];
  /** The document that was generated with this code. */
  readonly loadDocument: LoadDocument;
  /** The built files of the panel and the reference; null where there are none. */
  readonly assets: Assets | null;
  /** Whether a load balancer should send requests here: false while the process drains. */
  readonly isReady: () => boolean;
  /** One event, one line. */
  readonly log: (event: Readonly<Record<string, unknown>>) => void;
  /** Takes the events of the audit trail, where AUDIT is on; absent where the log takes them. */
  readonly audit?: (event: AuditEvent) => void;
}

export interface Services {
  readonly legacy: LegacyClient;
  /** What stands between all requests and the legacy. */
  readonly resilience: Resilience;
  /** Requests that wait for recordings in processing. */
  readonly polls: Polls;
  readonly skipBudget: SkipBudget;
  readonly authenticate: Authenticate;
  /** Which parts of their account narrowed tokens reach. */
  readonly reach: Reach;
  /** Whether any Bearer token can be valid here. */
  readonly bearer: boolean;
  readonly acceptsKeys: Config['acceptsKeys'];
  readonly allowedAccounts: Config['allowedAccounts'];
  readonly callerRate: CallerRate;
  readonly loginThrottle: LoginThrottle;
  readonly clientAddress: Platform['clientAddress'];
  readonly corsOrigins: Config['corsOrigins'];
  /** The legacy's wall-clock text as RFC 3339, or null. */
  readonly recordedAt: (date: string | null) => string | null;
  /** Null where no TOKEN_KEYS are configured. */
  readonly sealer: Sealer | null;
  /** Sign cursors; empty where none are configured. */
  readonly tokenKeys: Config['tokenKeys'];
  /** Null without a sealer, or where the gateway accepts no keys. */
  readonly tokens: AccessTokens | null;
  readonly links: AudioLinks | null;
  readonly publicUrl: string | null;
  readonly documents: () => Promise<Documents>;
  readonly legacyHealth: LegacyHealth;
  readonly requestIdHeader: string | null;
  readonly store: ObjectStore | null;
  /** Null where no store is bound. */
  readonly audioCache: AudioCache | null;
  readonly verifiedAccounts: VerifiedAccounts;
  /** Null where no store, PUBLIC_URL or TOKEN_KEYS are configured. */
  readonly staging: Staging | null;
  /** Null where no store is bound. */
  readonly idempotencyStore: IdempotencyStore | null;
  /** Where the vendor may be sent with keys that the gateway holds. */
  readonly allowedPaths: AllowedPaths;
  /** Null where there is no panel and no reference. */
  readonly ui: Ui | null;
  readonly waitUntil: Platform['waitUntil'];
  readonly isReady: Platform['isReady'];
  readonly log: Platform['log'];
  /** Null without an audit trail. */
  readonly audit: ((event: AuditEvent) => void) | null;
}

/**
 * The name under which a gateway without PUBLIC_URL seals. What is sealed opens at every instance with the same name
 * and keys; a gateway at another address refuses it, even with the same keys.
 */
const localName = 'recordings-gateway';

export function createServices(config: Config, platform: Platform): Services {
  const { url, method, deadlines, timeZone } = config.legacy;
  const { tokenKeys } = config;
  const name = config.publicUrl ?? localName;
  const sealer =
    tokenKeys.length > 0 ? createSealer({ keys: tokenKeys, issuer: name, audience: name }) : null;
  // Tokens carry an account's keys.
  const tokens = sealer && config.acceptsKeys ? createAccessTokens({ sealer }) : null;
  const links = sealer && createAudioLinks({ sealer, gatewayCredentials: config.legacy.credentials });
  const identityProvider = toIdentityProvider(config, platform);
  const { callers, refusedKeys } = platform.rateLimits;
  const resilience = createResilience(config.legacy);
  const legacy = createLegacyClient({
    url,
    method,
    transport: platform.transport,
    resilience,
  });
  const verifiedAccounts = createVerifiedAccounts({
    confirm: legacy.confirm,
    lifetime: config.confirmationLifetime,
  });
  return {
    legacy,
    resilience,
    reach: createReach({ legacy }),
    authenticate: createAuthenticate({
      tokens,
      identityProvider,
      links,
      allowedAccounts: config.allowedAccounts,
      acceptsKeys: config.acceptsKeys,
    }),
    acceptsKeys: config.acceptsKeys,
    allowedAccounts: config.allowedAccounts,
    polls: createPolls(),
    skipBudget: createSkipBudget(),
    bearer: tokens !== null || identityProvider !== null,
    callerRate: createCallerRate({ limit: config.rateLimit, counter: callers }),
    loginThrottle: createLoginThrottle({
      verified: verifiedAccounts,
      limit: config.refusedKeysLimit,
      counter: refusedKeys,
    }),
    clientAddress: platform.clientAddress,
    corsOrigins: config.corsOrigins,
    recordedAt: createRecordedAt(timeZone),
    sealer,
    tokenKeys,
    tokens,
    links,
    publicUrl: config.publicUrl,
    documents: createDocuments(platform.loadDocument, config.publicUrl),
    legacyHealth: createLegacyHealth({ legacy, credentials: config.legacy.credentials }),
    requestIdHeader: config.requestIdHeader,
    store: platform.store,
    audioCache: toAudioCache(platform),
    verifiedAccounts,
    staging:
      platform.store && sealer && config.publicUrl
        ? createStaging({
            store: platform.store,
            createDigest: platform.createDigest,
            sealer,
            publicUrl: config.publicUrl,
            limit: config.uploads.limit,
          })
        : null,
    // Past the legacy's deadline and what keeping its answer takes, whoever made the call is gone.
    idempotencyStore:
      platform.store &&
      createIdempotencyStore({ store: platform.store, lostAfterMs: deadlines.upload + 30_000 }),
    allowedPaths: config.uploads.allowedPaths,
    ui: createUi({
      ...config.ui,
      acceptsKeys: config.acceptsKeys,
      isLive: !isLoopback(url),
      maxUploadBytes: config.uploads.limit,
      assets: platform.assets,
      hasTokens: tokens !== null,
      hasStaging: platform.store !== null && sealer !== null && config.publicUrl !== null,
    }),
    waitUntil: platform.waitUntil,
    isReady: platform.isReady,
    log: platform.log,
    audit: config.audit ? (platform.audit ?? ((event) => platform.log({ ...event }))) : null,
  };
}

function toAudioCache({ store, createPassThrough, waitUntil, log }: Platform): AudioCache | null {
  const onFailure = (cause: unknown) => {
    const error = cause instanceof Error ? cause.name : 'unknown';
    log({ level: 'warn', event: 'audio-store-failed', error });
  };
  return store && createAudioCache({ store, createPassThrough, waitUntil, onFailure });
}

function toIdentityProvider({ identityProvider }: Config, { fetch }: Platform) {
  if (!identityProvider) return null;
  const { jwksUrl, issuer, audience, credentials, narrowingClaim } = identityProvider;
  const keys = createJwks({ url: jwksUrl, fetch });
  return createIdentityProvider({
    issuer,
    audience,
    keys,
    gatewayCredentials: credentials,
    narrowingClaim,
  });
}
