/** Reads the environment into Config: the only code that reads variables, under the same names on Workers and Node. */
import type { AllowedAccounts } from './auth/allowed-accounts.ts';
import { type Build, version } from './config/build.ts';
import { findMistakes } from './config/combinations.ts';
import { ConfigError, type Environment, parseVariables } from './config/parse.ts';
import { listenVariables, type Values, variables } from './config/variables.ts';
import type { CorsOrigins } from './http/origins.ts';
import type { Pool } from './legacy/call/call.ts';
import type { Deadlines } from './legacy/call/deadline.ts';
import type { LegacyCredentials } from './legacy/wire.ts';
import type { Contact, License } from './openapi/operator.ts';
import type { AllowedPaths } from './uploads/allowed-paths.ts';

export interface Config {
  readonly build: Build;
  readonly legacy: {
    readonly url: URL;
    readonly method: 'GET' | 'POST';
    /** IANA name; null if the zone of the legacy service's dates is not configured. */
    readonly timeZone: string | null;
    /** The gateway's own account, if it has one. */
    readonly credentials: LegacyCredentials | null;
    readonly deadlines: Deadlines & {
      /** Time to connect, if the runtime can limit it. */
      readonly connect: number;
    };
    /** Most calls to the legacy service at a time, per pool. */
    readonly limits: Readonly<Record<Pool, number>>;
    /** How long a circuit stays open, in milliseconds. */
    readonly circuitOpen: number;
    /** Slowest rate at which a client may read a stream; 0 disables the limit. */
    readonly minClientBytesPerSecond: number;
  };
  /**
   * The URL under which clients and the vendor reach this gateway, without a trailing slash. Null if not configured.
   */
  readonly publicUrl: string | null;
  /** The path of `publicUrl`, which begins every link; empty if it has none. */
  readonly basePath: string;
  /** In the OpenAPI document. */
  readonly contact: Contact | null;
  readonly license: License | null;
  /** 32 bytes each: the first seals, all open. Empty if the gateway cannot seal. */
  readonly tokenKeys: readonly Uint8Array[];
  /** Null serves every account. */
  readonly allowedAccounts: AllowedAccounts | null;
  /** Whether clients may authenticate with an account's keys. */
  readonly acceptsKeys: boolean;
  /** Whether an audit trail is written. */
  readonly audit: boolean;
  /** Null without JWTs of an identity provider. */
  readonly identityProvider: IdentityProviderConfig | null;
  /** Null if no other origin is allowed. */
  readonly corsOrigins: CorsOrigins | null;
  /** The header in which a proxy sends the request's ID; null to generate one for every request. */
  readonly requestIdHeader: string | null;
  /** Requests per minute and caller. */
  readonly rateLimit: number;
  /** How long stored audio is served after the account's keys were verified, in seconds. */
  readonly confirmationLifetime: number;
  /** Rejected keys per minute and address. */
  readonly refusedKeysLimit: number;
  readonly uploads: {
    /** The largest body that is staged, in bytes. */
    readonly limit: number;
    /** Paths that the vendor may be sent to with the gateway's own keys. */
    readonly allowedPaths: AllowedPaths;
  };
  readonly exports: {
    /** Before recordings that are still being processed are tried again. */
    readonly retrySeconds: number;
  };
  readonly ui: {
    /** Whether the panel and the reference are served. */
    readonly enabled: boolean;
    /** The emulator's keys, which the panel fills in for every visitor. */
    readonly demoKeys: LegacyCredentials | null;
  };
}

interface IdentityProviderConfig {
  readonly jwksUrl: URL;
  readonly issuer: string;
  readonly audience: string;
  /** Null if every JWT may access the whole account. */
  readonly narrowingClaim: string | null;
  /** The account that all its callers use. */
  readonly credentials: LegacyCredentials;
}

/** Addresses and timing of the Node entry. */
export interface ListenConfig {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly metricsHost: string;
  /** Null without metrics. */
  readonly metricsPort: number | null;
  /** How long a stop keeps accepting, and how long it then waits for in-flight responses. */
  readonly stop: { readonly graceMs: number; readonly drainTimeoutMs: number };
  /** The header in which a proxy sends the client's address; null if clients connect directly. */
  readonly addressHeader: string | null;
}

/** Reads and validates all variables; an empty one counts as absent. Throws ConfigError. */
export function readConfig(environment: Environment): Config {
  if (environment.AUDIO_STORE) throw new ConfigError('AUDIO_STORE is now named STORE: rename the binding');
  const values = parseVariables(variables, environment);
  const mistakes = findMistakes(values);
  if (mistakes.length > 0) throw new ConfigError(mistakes.join('\n'));
  const credentials = toCredentials(values);
  return {
    build: { version, commit: values.COMMIT ?? null },
    legacy: {
      url: new URL(values.LEGACY_API_URL),
      method: values.LEGACY_METHOD,
      timeZone: values.LEGACY_TIME_ZONE ?? null,
      credentials,
      deadlines: {
        connect: values.LEGACY_CONNECT_TIMEOUT_MS,
        firstByte: values.LEGACY_FIRST_BYTE_TIMEOUT_MS,
        response: values.LEGACY_ANSWER_TIMEOUT_MS,
        idle: values.LEGACY_IDLE_TIMEOUT_MS,
        upload: values.LEGACY_UPLOAD_TIMEOUT_MS,
        audio: values.LEGACY_AUDIO_TIMEOUT_MS,
      },
      circuitOpen: values.LEGACY_CIRCUIT_OPEN_MS,
      minClientBytesPerSecond: values.MIN_CLIENT_BYTES_PER_SECOND,
      limits: {
        calls: values.LEGACY_MAX_CALLS,
        streams: values.LEGACY_MAX_STREAMS,
        uploads: values.LEGACY_MAX_UPLOADS,
      },
    },
    publicUrl: values.PUBLIC_URL ?? null,
    basePath: values.PUBLIC_URL ? new URL(values.PUBLIC_URL).pathname.replace(/\/$/, '') : '',
    contact: values.API_CONTACT ?? null,
    license: values.API_LICENSE ?? null,
    tokenKeys: values.TOKEN_KEYS,
    allowedAccounts: values.ALLOWED_ACCOUNTS ?? null,
    acceptsKeys: values.BASIC_AUTH === 'on',
    audit: values.AUDIT === 'on',
    identityProvider: toIdentityProvider(values, credentials),
    corsOrigins: values.CORS_ORIGINS ?? null,
    requestIdHeader: values.REQUEST_ID_HEADER ?? null,
    rateLimit: values.RATE_LIMIT,
    refusedKeysLimit: values.REFUSED_KEYS_LIMIT,
    confirmationLifetime: values.AUDIO_STORE_CONFIRM_SECONDS,
    uploads: { limit: values.MAX_UPLOAD_BYTES, allowedPaths: values.UPLOAD_PATH_PREFIXES },
    exports: { retrySeconds: values.EXPORT_RETRY_SECONDS },
    ui: { enabled: values.UI === 'on', demoKeys: toDemoKeys(values) },
  };
}

export function readListenConfig(environment: Environment): ListenConfig {
  const values = parseVariables(listenVariables, environment);
  return {
    host: values.HOST,
    port: values.PORT,
    metricsHost: values.METRICS_HOST,
    metricsPort: values.METRICS_PORT ?? null,
    addressHeader: values.CLIENT_ADDRESS_HEADER ?? null,
    stop: { graceMs: values.STOP_GRACE_MS, drainTimeoutMs: values.STOP_DRAIN_TIMEOUT_MS },
  };
}

function toCredentials({ LEGACY_ACCESS_KEY, LEGACY_SECRET_ACCESS_KEY }: Values): LegacyCredentials | null {
  return LEGACY_ACCESS_KEY && LEGACY_SECRET_ACCESS_KEY
    ? { accessKey: LEGACY_ACCESS_KEY, secretAccessKey: LEGACY_SECRET_ACCESS_KEY }
    : null;
}

function toDemoKeys({ PANEL_DEMO_KEYS }: Values): LegacyCredentials | null {
  const [accessKey, secretAccessKey] = PANEL_DEMO_KEYS?.split(':') ?? [];
  return accessKey && secretAccessKey ? { accessKey, secretAccessKey } : null;
}

function toIdentityProvider(
  { JWKS_URL, JWT_ISSUER, JWT_AUDIENCE, JWT_DETAILS_CLAIM }: Values,
  credentials: LegacyCredentials | null,
): IdentityProviderConfig | null {
  if (!JWKS_URL || !JWT_ISSUER || !JWT_AUDIENCE || !credentials) return null;
  return {
    jwksUrl: new URL(JWKS_URL),
    issuer: JWT_ISSUER,
    audience: JWT_AUDIENCE,
    narrowingClaim: JWT_DETAILS_CLAIM ?? null,
    credentials,
  };
}
