/** Environment → Config: the one place that reads variables, the same names on Workers and on Node. */
import { z } from '@hono/zod-openapi';
import { parseTokenKeys } from './auth/token-keys.ts';
import type { LegacyCredentials } from './legacy/wire.ts';
import { createPathPrefixes, type PathPrefixes } from './staging/path-prefixes.ts';

export interface Config {
  readonly legacy: {
    readonly url: URL;
    readonly method: 'GET' | 'POST';
    /** IANA name; null where nobody has said in which zone the legacy writes its dates. */
    readonly timeZone: string | null;
    /** The account's keys where the gateway itself holds them. */
    readonly credentials: LegacyCredentials | null;
    /** In milliseconds. */
    readonly timeout: number;
  };
  /** Where clients, and the vendor, reach this gateway: an origin, without a trailing slash. Null where nobody has said. */
  readonly publicUrl: string | null;
  /** 32 bytes each: the first seals, all open. Empty where nothing can be sealed. */
  readonly tokenKeys: readonly Uint8Array[];
  readonly uploads: {
    /** The largest body that is staged, in bytes. */
    readonly limit: number;
    /** Where the vendor may be sent with keys that the gateway holds. */
    readonly pathPrefixes: PathPrefixes;
  };
}

/** Where the Node entry listens. */
export interface ListenConfig {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** Names every mistake at once, by variable and never by value: a value may be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const variables = z.object({
  LEGACY_API_URL: z
    .url({ protocol: /^https?$/, error: 'must be the http(s) address of ibp_api.php' })
    .refine((text) => !/[?#@]/.test(text), 'must have no query, fragment or credentials'),
  LEGACY_METHOD: z.enum(['GET', 'POST'], { error: 'must be GET or POST' }).default('GET'),
  LEGACY_TIME_ZONE: z.string().refine(isTimeZone, 'must be an IANA time zone, as America/Chicago').optional(),
  LEGACY_ACCESS_KEY: z.string().optional(),
  LEGACY_SECRET_ACCESS_KEY: z.string().optional(),
  LEGACY_TIMEOUT_MS: wholeNumber(100, 120_000).default(20_000),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) origin, as https://recordings.example.com' })
    .refine((text) => /^[^/]+:\/\/[^/?#@]+\/?$/.test(text), 'must be an origin without a path')
    .transform((text) => new URL(text).origin)
    .optional(),
  TOKEN_KEYS: z.string().transform(readTokenKeys).default([]),
  MAX_UPLOAD_BYTES: wholeNumber(1, 5_000_000_000).default(100_000_000),
  UPLOAD_PATH_PREFIXES: z.string().default('').transform(readPathPrefixes),
});

const listenVariables = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(8787),
});

type Environment = Readonly<Record<string, unknown>>;

/** Reads and checks everything; an empty variable counts as absent. Throws ConfigError. */
export function readConfig(environment: Environment): Config {
  const values = parseVariables(variables, environment);
  return {
    legacy: {
      url: new URL(values.LEGACY_API_URL),
      method: values.LEGACY_METHOD,
      timeZone: values.LEGACY_TIME_ZONE ?? null,
      credentials: toCredentials(values.LEGACY_ACCESS_KEY, values.LEGACY_SECRET_ACCESS_KEY),
      timeout: values.LEGACY_TIMEOUT_MS,
    },
    publicUrl: values.PUBLIC_URL ?? null,
    tokenKeys: values.TOKEN_KEYS,
    uploads: { limit: values.MAX_UPLOAD_BYTES, pathPrefixes: values.UPLOAD_PATH_PREFIXES },
  };
}

export function readListenConfig(environment: Environment): ListenConfig {
  const { HOST, PORT } = parseVariables(listenVariables, environment);
  return { host: HOST, port: PORT };
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
  throw new ConfigError(mistakes.join('\n'));
}

function toCredentials(accessKey?: string, secretAccessKey?: string): LegacyCredentials | null {
  if (accessKey && secretAccessKey) return { accessKey, secretAccessKey };
  if (!accessKey && !secretAccessKey) return null;
  throw new ConfigError('LEGACY_ACCESS_KEY and LEGACY_SECRET_ACCESS_KEY must be set together');
}

function readTokenKeys(text: string, context: z.RefinementCtx): Uint8Array[] {
  try {
    return parseTokenKeys(text);
  } catch (error) {
    // Its messages are about the form of a key and never show one.
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'cannot be read' });
    return z.NEVER;
  }
}

function readPathPrefixes(text: string, context: z.RefinementCtx): PathPrefixes {
  const prefixes = text.split(',').map((prefix) => prefix.trim());
  try {
    return createPathPrefixes(prefixes.filter((prefix) => prefix !== ''));
  } catch {
    const message =
      'must be http(s) URLs or absolute paths, separated by commas, without query, fragment or credentials';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
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
