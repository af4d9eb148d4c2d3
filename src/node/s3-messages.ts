/** Converts S3's headers and XML to and from the types of the object store. */
import { XMLParser } from 'fast-xml-parser';
import type { Dispatcher } from 'undici';
import type { RangeSpec } from '../http/range.ts';
import type { ObjectAttributes, PutOptions, StoredObject } from '../store/object-store.ts';

const metadataPrefix = 'x-amz-meta-';

/** Some servers keep what arrived of a PUT that broke off, so each PUT says how long its object is. */
const lengthHeader = `${metadataPrefix}declared-length`;

type Response = Pick<Dispatcher.ResponseData, 'headers'>;

/** Null for what is left of a PUT that broke off. */
export function toStored(key: string, response: Response): StoredObject | null {
  const { headers } = response;
  const [, total] = /\/(\d+)$/.exec(String(headers['content-range'] ?? '')) ?? [];
  const sizeBytes = Number(total ?? headers['content-length']);
  const { [lengthHeader]: declared, ...rest } = headers;
  if (declared !== undefined && Number(declared) !== sizeBytes) return null;
  const metadata = Object.entries(rest).filter(([name]) => name.startsWith(metadataPrefix));
  return {
    key,
    sizeBytes,
    etag: toEtag(response),
    uploaded: new Date(String(headers['last-modified'])),
    contentType: headers['content-type'] === undefined ? null : String(headers['content-type']),
    metadata: Object.fromEntries(
      metadata.map(([name, value]) => [name.slice(metadataPrefix.length), String(value)]),
    ),
  };
}

export function toEtag({ headers }: Response): string {
  return String(headers.etag ?? '').replaceAll('"', '');
}

/** Null for a range that HTTP cannot express. */
export function toRangeText(range: RangeSpec): string | null {
  if ('suffix' in range) {
    return range.suffix > 0 && Number.isSafeInteger(range.suffix) ? `bytes=-${range.suffix}` : null;
  }
  if (!Number.isSafeInteger(range.first)) return null;
  return `bytes=${range.first}-${Number.isSafeInteger(range.last) ? range.last : ''}`;
}

export function toHeaders({ contentType, metadata = {} }: ObjectAttributes): Record<string, string> {
  const entries = Object.entries(metadata).map(([name, value]) => [metadataPrefix + name, value]);
  return {
    ...(contentType !== undefined && { 'content-type': contentType }),
    ...Object.fromEntries(entries),
  };
}

export function toLengthHeaders(lengthBytes: number): Record<string, string> {
  return { 'content-length': String(lengthBytes), [lengthHeader]: String(lengthBytes) };
}

export function toCondition({ onlyIf }: PutOptions): Record<string, string> {
  if (onlyIf === undefined) return {};
  return onlyIf === 'absent' ? { 'if-none-match': '*' } : { 'if-match': `"${onlyIf.etag}"` };
}

const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  isArray: (name) => name === 'Contents',
});

export function toPage(xml: string, prefix: string) {
  const { Contents = [], IsTruncated } = parser.parse(xml).ListBucketResult ?? {};
  const keys = (Contents as readonly { readonly Key: string }[]).map(({ Key }) => Key.slice(prefix.length));
  return { keys, cursor: IsTruncated === 'true' ? (keys.at(-1) ?? null) : null };
}

export function escapeXml(text: string): string {
  return text.replace(/[<>&"'\r\n]/g, (char) => `&#${char.charCodeAt(0)};`);
}
