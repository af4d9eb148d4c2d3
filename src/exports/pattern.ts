/** The pattern of copies' keys: literal text and fields of the recording in braces. */
import type { AudioFormat } from '../audio/formats.ts';
import type { PlanRow } from './rows.ts';

const defaultPattern = '{type}/{id}/{yyyy}/{mm}/{dd}/{sid}.{format}';

export const maxPattern = 300;

export const patternFields = [
  ...['type', 'id', 'sid', 'format', 'sample_rate'],
  ...['yyyy', 'mm', 'dd', 'dnis', 'number_connected'],
] as const;

/** The parts of a key besides the recording. */
export interface KeyForm {
  readonly pattern: string;
  readonly format: AudioFormat;
  readonly sampleRateHz: number;
}

/** Why a pattern could leave its prefix or give two recordings the same key; null if it cannot. */
export function findPatternFault({ pattern, sampleRateHz }: Omit<KeyForm, 'format'>): string | null {
  if (pattern.length > maxPattern) return `must have at most ${maxPattern} characters`;
  const fields = Array.from(pattern.matchAll(/\{([^{}]*)\}/g), ([, name = '']) => name);
  const unknown = fields.find((name) => !(patternFields as readonly string[]).includes(name));
  if (unknown !== undefined) return `has an unknown field: the fields are ${patternFields.join(', ')}`;
  const literal = pattern.replaceAll(/\{[^{}]*\}/g, 'x');
  if (!/^[\w./=-]*$/.test(literal)) return 'may have letters, digits and _ . / = - beside its fields';
  if (literal.split('/').some((part) => part === '' || part.startsWith('.') || part.endsWith('.'))) {
    return 'must not have an empty part, or one that begins or ends with a dot';
  }
  if (literal.split('/').some((part) => /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(part))) {
    return 'must not have a part that Windows reserves, such as con or nul';
  }
  if (!pattern.endsWith('.{format}')) return 'must end with .{format}';
  const file = pattern.slice(pattern.lastIndexOf('/') + 1);
  // A sid has no dot, and no other value has a hyphen, so a key matches only one recording.
  if (!/(?:^|[.-])\{sid\}[.-]/.test(file)) {
    return 'must have {sid} in its last part, between dots or hyphens: else two recordings could get one key';
  }
  if (sampleRateHz !== 8000 && !fields.includes('sample_rate')) {
    return 'must have {sample_rate} for another rate than 8000: else two exports could write one key';
  }
  return null;
}

export function toDefaultPattern(sampleRateHz: number): string {
  return sampleRateHz === 8000 ? defaultPattern : defaultPattern.replace('{sid}', '{sid}-{sample_rate}');
}

/** The key of a copy below the account's prefix. */
export function toFileKey(row: PlanRow, { pattern, format, sampleRateHz }: KeyForm): string {
  const [yyyy, mm, dd] = /^(\d{4})-(\d{2})-(\d{2})/.exec(row.date ?? '')?.slice(1) ?? [];
  const values: Readonly<Record<string, string>> = {
    sid: toFileName(row.sid),
    type: row.type,
    id: row.id,
    format,
    sample_rate: String(sampleRateHz),
    yyyy: yyyy ?? 'unknown',
    mm: mm ?? 'unknown',
    dd: dd ?? 'unknown',
    dnis: toValue(row.dnis),
    number_connected: toValue(row.number_connected),
  };
  return pattern.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? 'unknown');
}

/** S3 and R2 accept 1,024 bytes, of which a prefix may need some, and file systems 255 for a part. */
export function isKeyTooLong(key: string): boolean {
  return key.length > 900 || key.split('/').some((part) => part.length > 255);
}

/** The legacy service may send any text. */
function toValue(text: string | null): string {
  return (text ?? '').replaceAll(/[^A-Za-z0-9_]/g, '').slice(0, 64) || 'unknown';
}

/** One-to-one: characters that file names cannot have are written as hexadecimal digits of their bytes. */
export function toFileName(sid: string): string {
  const bytes = new TextEncoder().encode(sid);
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return /[\w-]/.test(character) ? character : `~${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}
