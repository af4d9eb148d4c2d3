/**
 * Wires Config into Services; differences between runtimes come in as the Platform. Longer than other files, because
 * it is one list of all services.
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
import type { ExportEngine } from './exports/engine.ts';
import { createExports, type Exports } from './exports/exports.ts';
import type { ExportJob } from './exports/job.ts';
import { createJobServices } from './exports/job-services.ts';
import { isLoopback } from './http/loopback.ts';
import { createResilience, type Resilience } from './legacy/call/call.ts';
import { createLegacyClient, type LegacyClient } from './legacy/client.ts';
import { createLegacyHealth, type LegacyHealth } from './legacy/health.ts';
import type { LegacyTransport } from './legacy/transport.ts';
import { createDocuments, type Documents, type LoadDocument } from './openapi/documents.ts';
import { toCircuitEvent } from './primitives/circuit.ts';
import type { CreateDigest, CreatePassThrough, Hmac } from './primitives/runtime-streams.ts';
import type { ProblemSlug } from './problem/types.ts';
import { createDeletedSids, type DeletedSids } from './recordings/deleted-sids.ts';
import { createReach, type Reach } from './recordings/reach.ts';
import type { WalkServices } from './recordings/walk.ts';
import { createWalkServices } from './recordings/walk-services.ts';
import { createStoreCircuit } from './store/circuit-breaker.ts';
import type { ObjectStore } from './store/object-store.ts';
import { createStoreWarning } from './store/warning.ts';
import type { AllowedPaths } from './uploads/allowed-paths.ts';
import { createIdempotencyStore, type IdempotencyStore } from './uploads/idempotency-store.ts';
import { createStaging, type Staging } from './uploads/staging.ts';

/** Provided by the runtime's entry. */
export interface Platform {
  readonly transport: LegacyTransport;
  /** Stored audio, staged uploads, and the outcomes of idempotent requests; null without a configured store. */
  readonly store: ObjectStore | null;
  readonly createPassThrough: CreatePassThrough;
  readonly createDigest: CreateDigest;
  readonly hmac: Hmac;
  /** Lets work continue after the response. */
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** The client's address as the runtime knows it, whatever the client claims. */
  readonly clientAddress: (request: Request) => string;
  /** The platform's own counters of requests per caller, and of rejected keys per address; null without one. */
  readonly rateLimits: { readonly callers: RateLimit | null; readonly refusedKeys: RateLimit | null };
  /** Fetches the identity provider's keys. */
  readonly fetch: JwksOptions['fetch'];
  /** The document generated with this code. */
  readonly loadDocument: LoadDocument;
  /** The built files of the panel and the reference; null if not built. */
  readonly assets: Assets | null;
  /** Whether load balancers should send requests here: false while the process drains. */
  readonly isReady: () => boolean;
  /** The trace that the runtime's own tracing began; null without one. */
  readonly activeTraceId: () => string | null;
  /** Writes one event as one line. */
  readonly log: (event: Readonly<Record<string, unknown>>) => void;
  /** Absent in a runtime without exports; otherwise their parts, or the names of what is missing. */
  readonly exports?: ExportPlatform | { readonly missing: readonly string[] };
  /** Receives the events of the audit trail if AUDIT is on; without it, the log receives them. */
  readonly audit?: (event: AuditEvent) => void;
}

/** Where exports go, and what drives them. */
interface ExportPlatform {
  readonly store: ObjectStore;
  readonly createEngine: (job: ExportJob) => ExportEngine;
  /** Whether this process is about to end, so that another one should go on. */
  readonly isStopping?: () => boolean;
}

export interface Services {
  readonly legacy: LegacyClient;
  /** Protects the legacy service from overload, for all requests. */
  readonly resilience: Resilience;
  /** Shared polls of requests that wait for processing recordings. */
  readonly polls: Polls;
  readonly skipBudget: SkipBudget;
  readonly authenticate: Authenticate;
  /** Checks which parts of an account a narrowed token may access. */
  readonly reach: Reach;
  /** Whether any Bearer token can be valid here. */
  readonly bearer: boolean;
  readonly acceptsKeys: Config['acceptsKeys'];
  readonly allowedAccounts: Config['allowedAccounts'];
  readonly callerRate: CallerRate;
  readonly loginThrottle: LoginThrottle;
  readonly clientAddress: Platform['clientAddress'];
  readonly corsOrigins: Config['corsOrigins'];
  /** Pages of lists. */
  readonly walks: WalkServices;
  /** Null where no store is bound. */
  readonly deletedSids: DeletedSids | null;
  /** Null without TOKEN_KEYS. */
  readonly sealer: Sealer | null;
  /** Sign cursors; may be empty. */
  readonly tokenKeys: Config['tokenKeys'];
  readonly hmac: Platform['hmac'];
  /** Null without a sealer, or if the gateway accepts no account keys. */
  readonly tokens: AccessTokens | null;
  readonly links: AudioLinks | null;
  readonly publicUrl: string | null;
  readonly basePath: Config['basePath'];
  readonly documents: () => Promise<Documents>;
  readonly legacyHealth: LegacyHealth;
  readonly requestIdHeader: string | null;
  readonly store: ObjectStore | null;
  /** Null without a store. */
  readonly audioCache: AudioCache | null;
  readonly verifiedAccounts: VerifiedAccounts;
  /** Null without a store, PUBLIC_URL or TOKEN_KEYS. */
  readonly staging: Staging | null;
  /** Null without a store. */
  readonly idempotencyStore: IdempotencyStore | null;
  /** Null without a store and an engine. */
  readonly exports: Exports | null;
  /** Names of what an operator has to configure for exports. */
  readonly exportsMissing: readonly string[];
  /** Paths that the vendor may be sent to with the gateway's own keys. */
  readonly allowedPaths: AllowedPaths;
  /** Null without a panel and reference. */
  readonly ui: Ui | null;
  readonly waitUntil: Platform['waitUntil'];
  readonly isReady: Platform['isReady'];
  readonly build: Config['build'];
  readonly activeTraceId: Platform['activeTraceId'];
  readonly log: Platform['log'];
  /** Null without an audit trail. */
  readonly audit: ((event: AuditEvent) => void) | null;
}

/**
 * The issuer of sealed texts for a gateway without PUBLIC_URL. Sealed texts open at every instance with the same
 * issuer and keys; a gateway at another address rejects them, even with the same keys.
 */
const localName = 'recordings-gateway';

export function createServices(config: Config, platform: Platform): Services {
  const { url, method, deadlines } = config.legacy;
  const { tokenKeys } = config;
  const name = config.publicUrl ?? localName;
  const sealer =
    tokenKeys.length > 0 ? createSealer({ keys: tokenKeys, issuer: name, audience: name }) : null;
  // Tokens carry an account's keys, so a gateway that rejects keys issues none.
  const tokens = sealer && config.acceptsKeys ? createAccessTokens({ sealer }) : null;
  const links = sealer && createAudioLinks({ sealer, gatewayCredentials: config.legacy.credentials });
  const identityProvider = toIdentityProvider(config, platform);
  const { callers, refusedKeys } = platform.rateLimits;
  const resilience = createResilience({
    ...config.legacy,
    onCircuitChange({ isOpen, account }) {
      const scope = account === null ? 'all-accounts' : 'account';
      platform.log(toCircuitEvent({ isOpen, scope, caller: account }));
    },
  });
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
  const { store, createDigest, waitUntil, log } = platform;
  const { timeZone } = config.legacy;
  const circuit = store && createStoreCircuit({ store, waitUntil, log, scope: 'store' });
  // A deletion has already happened at the legacy service, so the store is always tried.
  const deletedSids = store && createDeletedSids(store, circuit?.optional);
  const audioCache =
    circuit &&
    createAudioCache({
      store: circuit.optional,
      purgeStore: store,
      createPassThrough: platform.createPassThrough,
      waitUntil,
      onFailure: createStoreWarning('audio-store-failed', log),
    });
  const { publicUrl } = config;
  const staging =
    circuit && sealer && publicUrl
      ? createStaging({
          store: circuit.required,
          createDigest,
          sealer,
          publicUrl,
          limit: config.uploads.limit,
        })
      : null;
  const toExportCircuit = (bucket: ObjectStore) =>
    (bucket === store && circuit) ||
    createStoreCircuit({ store: bucket, waitUntil, log, scope: 'export-store' });
  const exports =
    platform.exports && 'store' in platform.exports
      ? createExports({
          ...createJobServices({
            ...{ legacy, audioCache, deletedSids, sealer, createDigest, waitUntil, log, timeZone },
            ...platform.exports,
            store: toExportCircuit(platform.exports.store).required,
            gatewayCredentials: config.legacy.credentials,
            retrySeconds: config.exports.retrySeconds,
          }),
          createEngine: platform.exports.createEngine,
          verifiedAccounts,
        })
      : null;
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
    walks: createWalkServices({
      store: circuit?.optional ?? null,
      ...{ legacy, verifiedAccounts, deletedSids, waitUntil, timeZone },
      basePath: config.basePath,
      responseMs: deadlines.response,
      onStoreFailure: createStoreWarning('list-store-failed', log),
    }),
    deletedSids,
    sealer,
    tokenKeys,
    hmac: platform.hmac,
    tokens,
    links,
    publicUrl: config.publicUrl,
    basePath: config.basePath,
    documents: createDocuments(platform.loadDocument, {
      ...config,
      notConfigured: toNotConfigured({ tokens, links, staging, exports }),
    }),
    legacyHealth: createLegacyHealth({
      legacy,
      credentials: config.legacy.credentials,
      waitUntil: platform.waitUntil,
    }),
    requestIdHeader: config.requestIdHeader,
    store: platform.store,
    audioCache,
    verifiedAccounts,
    staging,
    // After the legacy service's timeout, plus the time to store its outcome, the request that made the call has
    // ended.
    idempotencyStore:
      circuit && createIdempotencyStore({ store: circuit.required, lostAfterMs: deadlines.upload + 30_000 }),
    exports,
    exportsMissing: platform.exports && 'missing' in platform.exports ? platform.exports.missing : ['STORE'],
    allowedPaths: config.uploads.allowedPaths,
    ui: createUi({
      ...config.ui,
      acceptsKeys: config.acceptsKeys,
      isLive: !isLoopback(url),
      maxUploadBytes: config.uploads.limit,
      assets: platform.assets,
      hasTokens: tokens !== null,
      hasStaging: staging !== null,
      // An export keeps sealed keys, or uses the gateway's own.
      hasExports: exports !== null && (sealer !== null || config.legacy.credentials !== null),
    }),
    waitUntil: platform.waitUntil,
    isReady: platform.isReady,
    build: config.build,
    activeTraceId: platform.activeTraceId,
    log: platform.log,
    audit: config.audit ? (platform.audit ?? ((event) => platform.log({ ...event }))) : null,
  };
}

/** By operationId or tag. */
function toNotConfigured({
  tokens,
  links,
  staging,
  exports,
}: Pick<Services, 'tokens' | 'links' | 'staging' | 'exports'>): Readonly<Record<string, ProblemSlug>> {
  return {
    ...(!tokens && { issueToken: 'tokens-not-configured' }),
    ...(!links && { createAudioLink: 'tokens-not-configured' }),
    ...(!staging && { uploadAudio: 'upload-staging-not-configured' }),
    ...(!exports && { Exports: 'exports-not-configured' }),
  };
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
