/** One recording in the plan, the report and the manifest, and the lines that these are written as. */
import type { AudioFormat } from '../audio/formats.ts';
import type { RecordingFields } from '../legacy/list/recording.ts';
import type { ProblemSlug } from '../problem/types.ts';

/** The fields that the legacy service listed, and the source. */
export interface PlanRow extends RecordingFields {
  readonly type: string;
  readonly id: string;
}

/**
 * `copied`: by this export. `skipped`: an intact copy existed. `waiting`: is retried. `failed`: is retried on request
 * only.
 */
export type Outcome = 'copied' | 'skipped' | 'waiting' | 'failed';

export interface ReportRow {
  /** Its line in the plan, from 0. */
  readonly line: number;
  readonly outcome: Outcome;
  /** The reason if there is no copy. */
  readonly problem: ProblemSlug | null;
  /** Null without a copy. */
  readonly copy: Copy | null;
}

/** Of the object in the bucket. */
export interface Copy {
  readonly key: string;
  readonly bytes: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
  readonly copied_at: string;
  /** True if the end of the audio could not be checked: its length was not announced, and its format does not show it. */
  readonly is_end_unclear: boolean;
}

export interface ManifestRow {
  readonly sid: string;
  readonly type: string;
  readonly id: string;
  readonly outcome: Outcome;
  readonly problem: string | null;
  readonly key: string | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly format: AudioFormat;
  readonly sample_rate: number;
  /** As received. */
  readonly legacy: RecordingFields;
  readonly recorded_at: string | null;
  readonly copied_at: string | null;
  readonly is_end_unclear: boolean;
}

export interface ManifestForm {
  readonly format: AudioFormat;
  readonly sampleRateHz: number;
  readonly recordedAt: (date: string | null) => string | null;
}

export function toManifestRow(planned: PlanRow, reported: ReportRow, form: ManifestForm): ManifestRow {
  const { type, id, ...legacy } = planned;
  const { outcome, problem, copy } = reported;
  return {
    sid: planned.sid,
    type,
    id,
    outcome,
    problem: problem && `/problems/${problem}`,
    key: copy?.key ?? null,
    bytes: copy?.bytes ?? null,
    sha256: copy?.sha256 ?? null,
    format: form.format,
    sample_rate: form.sampleRateHz,
    legacy,
    recorded_at: form.recordedAt(planned.date),
    copied_at: copy?.copied_at ?? null,
    is_end_unclear: copy?.is_end_unclear ?? false,
  };
}

export function toLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

export function fromLines<Row>(text: string): Row[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

const columns = [
  ...([
    'sid',
    'type',
    'id',
    'outcome',
    'problem',
    'key',
    'bytes',
    'sha256',
    'format',
    'sample_rate',
  ] as const),
  ...(['recorded_at', 'copied_at', 'is_end_unclear'] as const),
];

const legacyColumns = ['dnis', 'number_connected', 'minutes', 'date'] as const;

/** RFC 4180: CRLF, and quotation marks around values with a comma, a quotation mark or a line break. */
export const csvHeader = `${[...columns, ...legacyColumns.map((name) => `legacy_${name}`)].join(',')}\r\n`;

export function toCsvLine(row: ManifestRow): string {
  const values = [...columns.map((name) => row[name]), ...legacyColumns.map((name) => row.legacy[name])];
  return `${values.map(toCell).join(',')}\r\n`;
}

/** Spreadsheets run text that starts like a formula, also in full-width signs; an apostrophe before it makes it text. */
function toCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
