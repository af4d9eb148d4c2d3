/** The options of `npm run export`: the same request as that of the API, and where the copies go. */
import { isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ExportRequest } from '../exports/state.ts';
import { ExportRequestSchema, toExportRequest } from '../routes/export-schemas.ts';

export const help = `Usage: npm run export -- --type TYPE --id ID [--type TYPE --id ID …] --to URL [options]

Copies every recording of the resources into a bucket or a folder, verified and with a manifest.
Run the same command again to go on after an interruption: intact copies are skipped.

  --type, --id             a resource; repeat both for several
  --to URL                 s3://BUCKET/PREFIX or file:DIRECTORY; default: EXPORT_STORE, else STORE
  --from, --until DAY      the first and the last day, as 2019-02-20; default: all days
  --format wav|mp3         default: wav
  --sample-rate HERTZ      default: 8000
  --pattern PATTERN        keys of the copies; default: {type}/{id}/{yyyy}/{mm}/{dd}/{sid}.{format}
  --lanes N                recordings that are copied at a time, 1 to 8; default: 2
  --calls-per-minute N     downloads per minute, at most; default: 600
  --delete                 delete each original after reading its copy back; this cannot be undone
  --help                   show this text

The environment has the keys: LEGACY_ACCESS_KEY and LEGACY_SECRET_ACCESS_KEY, and for S3 AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY. LEGACY_API_URL, LEGACY_TIME_ZONE, S3_ENDPOINT and the others apply as for the gateway.

A folder has the copies as files under their keys.

Exit status: 0 all copied, 3 completed with failures, 1 failed, 2 invalid options, 130 or 143 interrupted.
`;

/** A mistake of the operator, named without a stack. */
export class OptionError extends Error {
  override name = 'OptionError';
}

export interface ExportOptions {
  readonly request: ExportRequest;
  /** Null for the store of the environment. */
  readonly to: string | null;
  readonly deletesOriginals: boolean;
}

const text = { type: 'string' } as const;

const options = {
  type: { type: 'string', multiple: true },
  id: { type: 'string', multiple: true },
  to: text,
  from: text,
  until: text,
  format: text,
  'sample-rate': text,
  pattern: text,
  lanes: text,
  'calls-per-minute': text,
  delete: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Names of the options that fill the members of the request. */
const optionNames: Readonly<Record<string, string>> = {
  sources: '--type and --id',
  to: '--until',
  key_pattern: '--pattern',
  sample_rate: '--sample-rate',
  calls_per_minute: '--calls-per-minute',
};

/** Null for `--help`. `directory` is where a relative path begins. Throws OptionError. */
export function parseOptions(parameters: readonly string[], directory: string): ExportOptions | null {
  const values = parse(parameters);
  if (values.help) return null;
  const { type: types = [], id: ids = [] } = values;
  if (types.length === 0 || types.length !== ids.length) {
    throw new OptionError('--type and --id are required, one of each for a resource');
  }
  const { data, error } = ExportRequestSchema.safeParse({
    sources: types.map((type, index) => ({ type, id: toNumber(ids[index] ?? '') })),
    ...given('from', values.from),
    ...given('to', values.until),
    ...given('format', values.format),
    ...given('sample_rate', toNumber(values['sample-rate'])),
    ...given('key_pattern', values.pattern),
    ...given('lanes', toNumber(values.lanes)),
    ...given('calls_per_minute', toNumber(values['calls-per-minute'])),
  });
  if (!data) throw new OptionError(error.issues.map(toMistake).join('\n'));
  return {
    request: toExportRequest(data),
    to: values.to === undefined ? null : toUrl(values.to, directory),
    deletesOriginals: values.delete ?? false,
  };
}

function parse(parameters: readonly string[]) {
  try {
    return parseArgs({ args: [...parameters], options, allowPositionals: false }).values;
  } catch (cause) {
    throw new OptionError(cause instanceof Error ? cause.message : 'invalid options', { cause });
  }
}

function toMistake({ path, message }: { readonly path: readonly PropertyKey[]; readonly message: string }) {
  const [member = ''] = path;
  return `${optionNames[String(member)] ?? `--${String(member)}`}: ${message}`;
}

/** The schema rejects other text. */
function toNumber(value: string | undefined): number | string | undefined {
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : value;
}

function given(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value };
}

function toUrl(url: string, directory: string): string {
  if (!url.startsWith('file:') || url.startsWith('file:/')) return url;
  const path = url.slice('file:'.length);
  return `file:${isAbsolute(path) ? path : resolve(directory, path)}`;
}
