/**
 * Every variable: its format, its default, and its description in docs/configuration.md. Longer than other files,
 * because it is one table.
 */
import { z } from '@hono/zod-openapi';
import { parseAllowedAccounts } from '../auth/allowed-accounts.ts';
import { parseTokenKeys } from '../auth/token-keys.ts';
import { isConfidential } from '../http/loopback.ts';
import { parseOrigins } from '../http/origins.ts';
import { isOwnPath } from '../http/request-path.ts';
import { parseContact, parseLicense } from '../openapi/operator.ts';
import { parsePathPrefixes } from '../uploads/allowed-paths.ts';
import { headerName, hostName, isTimeZone, onOrOff, parsedBy, printable, wholeNumber } from './forms.ts';

export const variables = z.object({
  LEGACY_API_URL: z
    .url({ protocol: /^https?$/, error: 'must be the http(s) address of ibp_api.php', abort: true })
    .refine((text) => !/[?#@]/.test(text), 'must have no query, fragment or credentials')
    .describe('The URL of `ibp_api.php`, without a query or credentials.'),
  LEGACY_METHOD: z
    .enum(['GET', 'POST'], { error: 'must be GET or POST' })
    .default('POST')
    .describe(
      '`POST` or `GET`. `GET` puts the keys into URLs, and so into the access logs and traces of the legacy service.',
    ),
  LEGACY_INSECURE: z
    .enum(['yes', 'no'], { error: 'must be yes or no' })
    .default('no')
    .describe(
      '`yes` allows a `LEGACY_API_URL` over plain http beyond this machine. The keys of every account then travel in the clear.',
    ),
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
    .default(1000)
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
      error: 'must be an http(s) address, such as https://recordings.example.com',
      abort: true,
    })
    .refine(
      (text) => /^[^/]+:\/\/[^/?#@]+(?:\/[\w.~-]+)*\/?$/.test(text),
      'must be an origin, and a path of letters, digits and -._~ if it has one',
    )
    .refine(
      (text) => !isOwnPath(new URL(text).pathname),
      'must not begin its path with one of the gateway, such as /recordings; /api/recordings is possible',
    )
    // Clients send tokens and audio links to it.
    .refine((text) => isConfidential(new URL(text)), 'must be https, or http on this machine')
    .transform((text) => new URL(text).href.replace(/\/$/, ''))
    .optional()
    .describe(
      'The URL under which clients and the vendor reach this gateway, such as `https://recordings.example.com` or `https://example.com/recordings-api`. Every link begins with its path, and requests work with that path and without it. Without `PUBLIC_URL`, links are paths from `/`.',
    ),
  TOKEN_KEYS: z
    .string()
    .transform(parsedBy(parseTokenKeys))
    .default([])
    .describe(
      'Keys that seal tokens and audio links: 32 random bytes each, in base64 (`openssl rand -base64 32`), separated by commas. The first seals, all open. Without it, the gateway issues no tokens and no links.',
    ),
  ALLOWED_ACCOUNTS: z
    .string()
    .transform(parsedBy(parseAllowedAccounts))
    .optional()
    .describe(
      'The accounts that the gateway serves, separated by commas: access keys, or `sha256:` and the digest of one (`printf %s ACCESS_KEY | sha256sum`). Without it, the gateway serves every account of the legacy service.',
    ),
  BASIC_AUTH: onOrOff()
    .default('on')
    .describe(
      '`off` accepts no keys from clients, neither by HTTP Basic nor at `/oauth/token`, so that only JWTs of your identity provider, and audio links made with them, give access. Needs `JWKS_URL`.',
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
  JWT_DETAILS_CLAIM: z
    .string()
    .optional()
    .describe(
      'The claim that limits a JWT to some resources or recordings, such as `authorization_details`, in the form of that parameter of `/oauth/token`; the text `all` stands for the whole account. If set, a JWT without the claim reaches nothing. Without it, every JWT reaches the whole account.',
    ),
  AUDIT: onOrOff()
    .default('off')
    .describe(
      '`on` writes one event for each play, download, link, deletion and upload, apart from the request log. It names the recording and a digest of the account.',
    ),
  REQUEST_ID_HEADER: headerName()
    .optional()
    .describe(
      'The header in which your proxy names the request. The gateway trusts it. Without it, each request gets a new ID.',
    ),
  CORS_ORIGINS: z
    .string()
    .transform(parsedBy(parseOrigins))
    .optional()
    .describe(
      'Origins whose pages may call the gateway, separated by commas, or `*`. Without it, only pages of the gateway itself may.',
    ),
  COMMIT: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'must be a commit, or another name of 1 to 64 letters, digits, dots and hyphens')
    .optional()
    .describe(
      'The running commit, for `/health`, the log and the metrics. `npm run deploy` sets it; Node reads it from `.git`.',
    ),
  RATE_LIMIT: wholeNumber(1, 1_000_000_000).default(60_000).describe('Requests per minute and caller.'),
  MIN_CLIENT_BYTES_PER_SECOND: wholeNumber(0, 1_000_000)
    .default(500)
    .describe(
      'Slowest rate at which a client may read a stream, measured over 10 s. A slower client is disconnected if calls wait for a slot, otherwise after 2 minutes, so that players can pause. `0` disables the limit.',
    ),
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
      'How long the gateway serves stored audio of an account before it verifies the keys with the legacy service again.',
    ),
  EXPORT_RETRY_SECONDS: wholeNumber(1, 86_400)
    .default(600)
    .describe(
      'How long an export waits before it retries recordings that are still being processed. It pauses no longer than this while the legacy service fails.',
    ),
  UPLOAD_PATH_PREFIXES: z
    .string()
    .default('')
    .transform(parsedBy(parsePathPrefixes))
    .describe(
      'URLs and absolute paths below which the `path` of an upload must lie when the gateway holds the keys, separated by commas. Without it, such uploads are rejected.',
    ),
  API_CONTACT: z
    .string()
    .transform(parsedBy(parseContact))
    .optional()
    .describe('Your email address or https URL for questions about the API, for the OpenAPI document.'),
  API_LICENSE: z
    .string()
    .transform(parsedBy(parseLicense))
    .optional()
    .describe(
      'The license of the API, for the OpenAPI document: a name, which an https URL may follow, such as `Proprietary https://example.com/terms`.',
    ),
  UI: onOrOff().default('on').describe('`on` or `off`: whether the gateway serves `/panel` and `/docs`.'),
  PANEL_DEMO_KEYS: z
    .string()
    .regex(/^[^:]+:[^:]+$/, 'must be an access key and a secret access key, joined by a colon')
    .optional()
    .describe(
      'Keys of an emulator, as `access:secret`, which the panel and the reference fill in. Accepted only if `LEGACY_API_URL` is on this machine.',
    ),
});

export const listenVariables = z.object({
  HOST: hostName().default('127.0.0.1').describe('The address on which the Node process listens.'),
  PORT: wholeNumber(0, 65_535)
    .default(8787)
    .describe('The port on which the Node process listens; 0 picks a free one.'),
  METRICS_PORT: wholeNumber(1, 65_535)
    .optional()
    .describe(
      'The port on which the Node process serves Prometheus metrics at `/metrics`. Without it, there are no metrics.',
    ),
  METRICS_HOST: hostName()
    .default('127.0.0.1')
    .describe('The address on which the Node process serves metrics. They name no account but show load.'),
  STOP_GRACE_MS: wholeNumber(0, 60_000)
    .default(1000)
    .describe(
      'How long the Node process keeps accepting requests after SIGTERM. `/health/ready` is a 503 meanwhile: set it above the interval of your load balancer.',
    ),
  STOP_DRAIN_TIMEOUT_MS: wholeNumber(0, 3_600_000)
    .default(900_000)
    .describe(
      'Longest time that in-flight responses may delay a stop. The process then resets the remaining ones.',
    ),
  CLIENT_ADDRESS_HEADER: headerName()
    .optional()
    .describe(
      'The header in which your proxy names the client, such as `X-Forwarded-For`; the last entry counts. Without it, the address of the socket counts.',
    ),
});

const storePattern = /^(?:file:[^{}]+|s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[\w./-]*)?)$/;

export const storeVariables = z.object({
  STORE: z
    .string()
    .regex(storePattern, 'must be file:DIRECTORY or s3://BUCKET/PREFIX')
    .optional()
    .describe(
      'Where the Node process stores audio, uploads and first responses: `file:DIRECTORY`, or `s3://BUCKET/PREFIX`. On Workers, bind an R2 bucket of this name. Without it, there are no byte uploads, no `Idempotency-Key` and no audio cache.',
    ),
  EXPORT_STORE: z
    .string()
    .regex(storePattern, 'must be file:DIRECTORY or s3://BUCKET/PREFIX')
    .optional()
    .describe(
      'Where the Node process puts exports, in the form of `STORE` and with the same keys of S3. On Workers, bind an R2 bucket of this name. Without it, exports go to `STORE`.',
    ),
  WORKFLOW_DATABASE_URL: z
    .string()
    .regex(/^(?:file:[^{}]+|postgres(?:ql)?:\/\/[^\s]+)$/, 'must be file:PATH or postgres://…')
    .optional()
    .describe(
      'The database of the engine that runs exports on Node: `postgres://…`, which several processes share, or `file:PATH` of one machine. Without it, a file in the folder of `STORE` or `EXPORT_STORE`. Node only.',
    ),
  S3_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) address' })
    .optional()
    .describe(
      'The S3 server, whose paths begin with the bucket. Without it, the gateway calls the bucket at AWS by its own host name.',
    ),
  S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'must be a region, as us-east-1')
    .default('us-east-1')
    .describe('The region of the bucket; `auto` for R2.'),
  AWS_ACCESS_KEY_ID: printable().optional().describe('The access key for S3.'),
  AWS_SECRET_ACCESS_KEY: printable().optional().describe('The secret access key for S3.'),
  AWS_SESSION_TOKEN: printable().optional().describe('The session token of temporary keys for S3.'),
});

/** Every variable by its runtime. `npm run openapi` writes the tables of docs/configuration.md from these. */
export const documentedVariables = {
  gateway: variables.shape,
  node: { ...listenVariables.shape, ...storeVariables.shape },
};

export type Values = z.output<typeof variables>;
