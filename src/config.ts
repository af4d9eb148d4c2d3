/** Environment → Config: the one place that reads variables, the same names on Workers and on Node. */
import { z } from '@hono/zod-openapi';
import { parseTokenKeys } from './auth/token-keys.ts';
import { isConfidential, isLoopback } from './http/loopback.ts';
import { type CorsOrigins, parseOrigins } from './http/origins.ts';
import type { Pool } from './legacy/call/call.ts';
import type { Deadlines } from './legacy/call/deadline.ts';
import type { LegacyCredentials } from './legacy/wire.ts';
import { type AllowedPaths, createAllowedPaths } from './uploads/allowed-paths.ts';

export interface Config {
  readonly legacy: {
    readonly url: URL;
    readonly method: 'GET' | 'POST';
    /** IANA name; null where nobody has said in which zone the legacy writes its dates. */
    readonly timeZone: string | null;
    /** The account's keys where the gateway itself holds them. */
    readonly credentials: LegacyCredentials | null;
    readonly deadlines: Deadlines & {
      /** For the connection itself, where the runtime makes one that can be timed. */
      readonly connect: number;
    };
    /** How many calls may be with the legacy at a time. */
    readonly limits: Readonly<Record<Pool, number>>;
    /** How long a legacy that only fails is left alone, in milliseconds. */
    readonly circuitOpen: number;
  };
  /** Where clients, and the vendor, reach this gateway: an origin, without a trailing slash. Null where nobody has said. */
  readonly publicUrl: string | null;
  /** 32 bytes each: the first seals, all open. Empty where nothing can be sealed. */
  readonly tokenKeys: readonly Uint8Array[];
  /** Null where the gateway takes no tokens of anybody else. */
  readonly identityProvider: IdentityProviderConfig | null;
  /** Null where no page of another origin is let in. */
  readonly corsOrigins: CorsOrigins | null;
  /** The header in which a proxy in front names the request; null where every request gets a name of our own. */
  readonly requestIdHeader: string | null;
  /** Requests a minute, by caller. */
  readonly rateLimit: number;
  /** How long after the legacy has confirmed an account's keys its stored audio is served, in seconds. */
  readonly confirmationLifetime: number;
  /** Keys that the legacy refused, a minute, by address. */
  readonly refusedKeysLimit: number;
  readonly uploads: {
    /** The largest body that is staged, in bytes. */
    readonly limit: number;
    /** Where the vendor may be sent with keys that the gateway holds. */
    readonly allowedPaths: AllowedPaths;
  };
  readonly ui: {
    /** Whether there is a panel and a reference. */
    readonly enabled: boolean;
    /** An emulator's keys, which the panel fills in for everybody. */
    readonly demoKeys: LegacyCredentials | null;
  };
}

export interface IdentityProviderConfig {
  readonly jwksUrl: URL;
  readonly issuer: string;
  readonly audience: string;
  /** On which all its callers act. */
  readonly credentials: LegacyCredentials;
}

/** Where the Node entry listens. */
export interface ListenConfig {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Where metrics are served; null where they are not. */
  readonly metricsPort: number | null;
  /** How long a stop keeps accepting, and how long it then waits for in-flight responses. */
  readonly stop: { readonly graceMs: number; readonly drainTimeoutMs: number };
  /** The header in which a proxy in front says who the client is; null where clients connect by themselves. */
  readonly addressHeader: string | null;
}

/** Names every mistake at once, by variable and never by value: a value may be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const variables = z.object({
  LEGACY_API_URL: z
    .url({ protocol: /^https?$/, error: 'must be the http(s) address of ibp_api.php', abort: true })
    .refine((text) => !/[?#@]/.test(text), 'must have no query, fragment or credentials')
    .describe('The URL of `ibp_api.php`, without a query or credentials.'),
  LEGACY_METHOD: z
    .enum(['GET', 'POST'], { error: 'must be GET or POST' })
    .default('GET')
    .describe('`GET` or `POST`. `POST` keeps the keys out of URLs, and so out of access logs and traces.'),
  LEGACY_TIME_ZONE: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone, such as America/Chicago')
    .optional()
    .describe(
      'The IANA time zone of the dates that the legacy service sends, such as `America/Chicago`. Without it, `recorded_at` is null.',
    ),
  LEGACY_ACCESS_KEY: z
    .string()
    .optional()
    .describe(
      'The access key of the account, if the gateway itself holds the keys. Set it together with `LEGACY_SECRET_ACCESS_KEY`.',
    ),
  LEGACY_SECRET_ACCESS_KEY: z.string().optional().describe('The secret access key of that account.'),
  LEGACY_CONNECT_TIMEOUT_MS: wholeNumber(100, 60_000)
    .default(2000)
    .describe(
      'Longest time for a connection to the legacy service. Node only: on Workers the connection counts towards the first byte.',
    ),
  LEGACY_FIRST_BYTE_TIMEOUT_MS: wholeNumber(100, 120_000)
    .default(10_000)
    .describe('Longest time from a call to the first byte of its response.'),
  LEGACY_ANSWER_TIMEOUT_MS: wholeNumber(100, 600_000)
    .default(20_000)
    .describe(
      'Longest time from a call to the last byte of a response that the gateway reads whole: lists and removals.',
    ),
  LEGACY_IDLE_TIMEOUT_MS: wholeNumber(100, 600_000)
    .default(15_000)
    .describe('Longest pause between bytes of audio or of an export.'),
  LEGACY_UPLOAD_TIMEOUT_MS: wholeNumber(100, 600_000)
    .default(120_000)
    .describe('Longest time for an upload. The legacy service may fetch the audio before it responds.'),
  LEGACY_AUDIO_TIMEOUT_MS: wholeNumber(100, 86_400_000)
    .default(900_000)
    .describe('Longest time from a call to the last byte of its audio.'),
  LEGACY_CIRCUIT_OPEN_MS: wholeNumber(100, 600_000)
    .default(30_000)
    .describe(
      'How long the circuit breaker stays open: for an account after five failures in a row, for all accounts after five failed connections or failures of three accounts.',
    ),
  LEGACY_MAX_CALLS: wholeNumber(1, 10_000)
    .default(100)
    .describe('Most short calls to the legacy service at a time. As many again may queue.'),
  LEGACY_MAX_STREAMS: wholeNumber(1, 10_000)
    .default(500)
    .describe(
      'Most responses that stream through the gateway at a time (audio and exports). As many again may queue.',
    ),
  LEGACY_MAX_UPLOADS: wholeNumber(1, 10_000)
    .default(100)
    .describe(
      'Most uploads that the legacy service fetches at a time, including those whose client has disconnected. As many again may queue.',
    ),
  PUBLIC_URL: z
    .url({
      protocol: /^https?$/,
      error: 'must be an http(s) origin, such as https://recordings.example.com',
      abort: true,
    })
    .refine((text) => /^[^/]+:\/\/[^/?#@]+\/?$/.test(text), 'must be an origin without a path')
    .transform((text) => new URL(text).origin)
    .optional()
    .describe(
      'The origin under which clients and the vendor reach this gateway, such as `https://recordings.example.com`. Without it, links begin with the origin of the request.',
    ),
  TOKEN_KEYS: z
    .string()
    .transform(reading(parseTokenKeys))
    .default([])
    .describe(
      'Keys that seal tokens and audio links: 32 random bytes each, in base64 (`openssl rand -base64 32`), separated by commas. The first seals, all open. Without it, the gateway issues no tokens and no links.',
    ),
  // An attacker who changes the key set in transit chooses whose tokens are valid.
  JWKS_URL: z
    .string()
    .refine(
      (text) => URL.canParse(text) && isConfidential(new URL(text)),
      'must be an https address, or http on this machine',
    )
    .optional()
    .describe(
      'The key set of your own identity provider, whose JWTs the gateway accepts. Set it together with `JWT_ISSUER`, `JWT_AUDIENCE` and the keys of the account.',
    ),
  JWT_ISSUER: z.string().optional().describe('The `iss` that a JWT must have.'),
  JWT_AUDIENCE: z.string().optional().describe('The `aud` that a JWT must have.'),
  REQUEST_ID_HEADER: headerName()
    .optional()
    .describe(
      'The header in which your proxy names the request. The gateway trusts it. Without it, each request gets a new ID.',
    ),
  CORS_ORIGINS: z
    .string()
    .transform(reading(parseOrigins))
    .optional()
    .describe(
      'Origins whose pages may call the gateway, separated by commas, or `*`. Without it, only pages of the gateway itself may.',
    ),
  RATE_LIMIT: wholeNumber(1, 1_000_000_000).default(60_000).describe('Requests per minute and caller.'),
  REFUSED_KEYS_LIMIT: wholeNumber(1, 1_000_000)
    .default(20)
    .describe('Rejected keys per minute and client address.'),
  MAX_UPLOAD_BYTES: wholeNumber(1, 5_000_000_000)
    .default(100_000_000)
    .describe(
      'The largest upload body. Cloudflare itself rejects bodies over 100 MB on its Free and Pro plans.',
    ),
  AUDIO_STORE_CONFIRM_SECONDS: wholeNumber(0, 86_400)
    .default(300)
    .describe(
      'How long the gateway serves stored audio of an account without confirming its keys with the legacy service again.',
    ),
  UPLOAD_PATH_PREFIXES: z
    .string()
    .default('')
    .transform(reading(readPathPrefixes))
    .describe(
      'URLs and absolute paths below which the `path` of an upload must lie when the gateway holds the keys, separated by commas. Without it, such uploads are rejected.',
    ),
  UI: z
    .enum(['on', 'off'], { error: 'must be on or off' })
    .default('on')
    .describe('`on` or `off`: whether the gateway serves `/panel` and `/docs`.'),
  PANEL_DEMO_KEYS: z
    .string()
    .regex(/^[^:]+:[^:]+$/, 'must be an access key and a secret access key, joined by a colon')
    .optional()
    .describe(
      'Keys of an emulator, as `access:secret`, which the panel and the reference fill in. Accepted only if `LEGACY_API_URL` is on this machine.',
    ),
});

const listenVariables = z.object({
  HOST: z.string().default('127.0.0.1').describe('The address on which the Node process listens.'),
  PORT: wholeNumber(0, 65_535)
    .default(8787)
    .describe('The port on which the Node process listens; 0 picks a free one.'),
  METRICS_PORT: wholeNumber(1, 65_535)
    .optional()
    .describe(
      'The port on which the Node process serves Prometheus metrics at `/metrics`. Without it, there are no metrics.',
    ),
  STOP_GRACE_MS: wholeNumber(0, 60_000)
    .default(1000)
    .describe(
      'How long the Node process keeps accepting requests after SIGTERM. `/health/ready` is a 503 meanwhile: set it above the interval of your load balancer.',
    ),
  STOP_DRAIN_TIMEOUT_MS: wholeNumber(0, 3_600_000)
    .default(900_000)
    .describe('The longest that in-flight responses may delay a stop. The process then resets what is left.'),
  CLIENT_ADDRESS_HEADER: headerName()
    .optional()
    .describe(
      'The header in which your proxy names the client, such as `X-Forwarded-For`; the last entry counts. Without it, the address of the socket counts.',
    ),
});

/** Every variable by its runtime. `npm run openapi` writes the tables of docs/configuration.md from these. */
export const documentedVariables = { gateway: variables.shape, node: listenVariables.shape };

type Environment = Readonly<Record<string, unknown>>;

/** Reads and checks everything; an empty variable counts as absent. Throws ConfigError. */
export function readConfig(environment: Environment): Config {
  if (environment.AUDIO_STORE) throw new ConfigError('AUDIO_STORE is now named STORE: rename the binding');
  const values = parseVariables(variables, environment);
  const credentials = toCredentials(values.LEGACY_ACCESS_KEY, values.LEGACY_SECRET_ACCESS_KEY);
  return {
    legacy: {
      url: new URL(values.LEGACY_API_URL),
      method: values.LEGACY_METHOD,
      timeZone: values.LEGACY_TIME_ZONE ?? null,
      credentials,
      deadlines: {
        connect: values.LEGACY_CONNECT_TIMEOUT_MS,
        firstByte: values.LEGACY_FIRST_BYTE_TIMEOUT_MS,
        answer: values.LEGACY_ANSWER_TIMEOUT_MS,
        idle: values.LEGACY_IDLE_TIMEOUT_MS,
        upload: values.LEGACY_UPLOAD_TIMEOUT_MS,
        audio: values.LEGACY_AUDIO_TIMEOUT_MS,
      },
      circuitOpen: values.LEGACY_CIRCUIT_OPEN_MS,
      limits: {
        calls: values.LEGACY_MAX_CALLS,
        streams: values.LEGACY_MAX_STREAMS,
        uploads: values.LEGACY_MAX_UPLOADS,
      },
    },
    publicUrl: values.PUBLIC_URL ?? null,
    tokenKeys: values.TOKEN_KEYS,
    identityProvider: toIdentityProvider(values, credentials),
    corsOrigins: values.CORS_ORIGINS ?? null,
    requestIdHeader: values.REQUEST_ID_HEADER ?? null,
    rateLimit: values.RATE_LIMIT,
    refusedKeysLimit: values.REFUSED_KEYS_LIMIT,
    confirmationLifetime: values.AUDIO_STORE_CONFIRM_SECONDS,
    uploads: { limit: values.MAX_UPLOAD_BYTES, allowedPaths: values.UPLOAD_PATH_PREFIXES },
    ui: { enabled: values.UI === 'on', demoKeys: toDemoKeys(values) },
  };
}

export function readListenConfig(environment: Environment): ListenConfig {
  const values = parseVariables(listenVariables, environment);
  return {
    host: values.HOST,
    port: values.PORT,
    metricsPort: values.METRICS_PORT ?? null,
    addressHeader: values.CLIENT_ADDRESS_HEADER ?? null,
    stop: { graceMs: values.STOP_GRACE_MS, drainTimeoutMs: values.STOP_DRAIN_TIMEOUT_MS },
  };
}

function parseVariables<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
): z.output<Schema> {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(({ path: [name = ''], message }) =>
    name in present ? `${String(name)} ${message}` : `${String(name)} is required`,
  );
  throw new ConfigError([...new Set(mistakes)].join('\n'));
}

/** By name: what begins as ours do and is none of them. A misspelt variable would count as absent, and nobody would know. */
export function findUnknown(environment: Environment): string[] {
  const known = { ...variables.shape, ...listenVariables.shape };
  return Object.keys(environment).filter((name) => name.startsWith('LEGACY_') && !Object.hasOwn(known, name));
}

function toCredentials(accessKey?: string, secretAccessKey?: string): LegacyCredentials | null {
  if (accessKey && secretAccessKey) return { accessKey, secretAccessKey };
  if (!accessKey && !secretAccessKey) return null;
  throw new ConfigError('LEGACY_ACCESS_KEY and LEGACY_SECRET_ACCESS_KEY must be set together');
}

function toDemoKeys({
  PANEL_DEMO_KEYS,
  LEGACY_API_URL,
}: z.output<typeof variables>): LegacyCredentials | null {
  const [accessKey, secretAccessKey] = PANEL_DEMO_KEYS?.split(':') ?? [];
  if (!accessKey || !secretAccessKey) return null;
  if (isLoopback(new URL(LEGACY_API_URL))) return { accessKey, secretAccessKey };
  throw new ConfigError(
    'PANEL_DEMO_KEYS are visible to every visitor: set them only with an emulator, whose LEGACY_API_URL is on this machine',
  );
}

function toIdentityProvider(
  { JWKS_URL, JWT_ISSUER, JWT_AUDIENCE }: z.output<typeof variables>,
  credentials: LegacyCredentials | null,
): IdentityProviderConfig | null {
  if (!JWKS_URL && !JWT_ISSUER && !JWT_AUDIENCE) return null;
  if (!JWKS_URL || !JWT_ISSUER || !JWT_AUDIENCE) {
    throw new ConfigError('JWKS_URL, JWT_ISSUER and JWT_AUDIENCE must be set together');
  }
  if (!credentials) {
    throw new ConfigError('JWKS_URL needs LEGACY_ACCESS_KEY and LEGACY_SECRET_ACCESS_KEY');
  }
  return { jwksUrl: new URL(JWKS_URL), issuer: JWT_ISSUER, audience: JWT_AUDIENCE, credentials };
}

/** A parser whose messages speak of the form of a value and never show one. */
function reading<Value>(parse: (text: string) => Value) {
  return (text: string, context: z.RefinementCtx): Value => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({
        code: 'custom',
        message: error instanceof Error ? error.message : 'cannot be read',
      });
      return z.NEVER;
    }
  };
}

function readPathPrefixes(text: string): AllowedPaths {
  const prefixes = text.split(',').map((prefix) => prefix.trim());
  return createAllowedPaths(prefixes.filter((prefix) => prefix !== ''));
}

function headerName() {
  return z.string().regex(/^[A-Za-z0-9-]+$/, 'must be the name of a header, such as X-Forwarded-For');
}

function wholeNumber(minimum: number, maximum: number) {
  const range = `must be a whole number from ${minimum} to ${maximum}`;
  return z.coerce.number({ error: range }).int(range).min(minimum, range).max(maximum, range);
}

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}
