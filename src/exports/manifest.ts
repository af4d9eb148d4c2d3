/** The manifest: a row per listed recording with the digest of its copy, built from the plan and the report. */
import type { ObjectStore } from '../store/object-store.ts';
import { exportKey } from './keys.ts';
import { type Ledger, toParts } from './ledger.ts';
import {
  csvHeader,
  fromLines,
  type ManifestForm,
  type ManifestRow,
  type Outcome,
  type PlanRow,
  type ReportRow,
  toCsvLine,
  toLines,
  toManifestRow,
} from './rows.ts';
import type { ExportState } from './state.ts';
import { stored } from './stored.ts';

export const manifestFormats = ['ndjson', 'csv'] as const;
export type ManifestFormat = (typeof manifestFormats)[number];

export const manifestTypes = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
} as const satisfies Record<ManifestFormat, string>;

export interface ManifestServices {
  readonly ledger: Ledger;
  readonly recordedAt: ManifestForm['recordedAt'];
}

/** The text of the manifest, chunk by chunk; with an outcome, only its rows. */
export async function* toManifest(
  { ledger, recordedAt }: ManifestServices,
  { id, chunks, request }: ExportState,
  { format, outcome }: { readonly format: ManifestFormat; readonly outcome?: Outcome | undefined },
): AsyncGenerator<string> {
  const form = { format: request.format, sampleRateHz: request.sample_rate, recordedAt };
  const toText = (plan: string, report: string) => {
    const rows = toRows(plan, report, form).filter((row) => !outcome || row.outcome === outcome);
    return format === 'csv' ? rows.map(toCsvLine).join('') : toLines(rows);
  };
  if (format === 'csv') yield csvHeader;
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const text = await readChunk(ledger, { id, chunk }, toText);
    if (text !== '') yield text;
  }
}

/** Parses once both parts are here: V8 takes rows that wait for old, and collects them late. */
async function readChunk(
  ledger: Ledger,
  { id, chunk }: { readonly id: string; readonly chunk: number },
  toText: (plan: string, report: string) => string,
): Promise<string> {
  const [plan, report] = await Promise.all([
    ledger.readLines(id, 'plan', chunk),
    ledger.readLines(id, 'report', chunk),
  ]);
  return toText(plan, report);
}

/** Recordings that the export has not reached count as waiting. */
function toRows(plan: string, report: string, form: ManifestForm): ManifestRow[] {
  const reported = new Map(fromLines<ReportRow>(report).map((row) => [row.line, row]));
  return fromLines<PlanRow>(plan).map((row, line) => {
    const missing = { line, outcome: 'waiting', problem: null, copy: null } as const;
    return toManifestRow(row, reported.get(line) ?? missing, form);
  });
}

/** Writes both formats into the bucket. Throws StoreError. */
export async function writeManifest(
  services: ManifestServices & { readonly store: ObjectStore },
  state: ExportState,
): Promise<void> {
  for (const format of manifestFormats) {
    const key = exportKey(toParts(state.id), `manifest.${format}`);
    const writer = services.store.write(key, { lengthBytes: null, contentType: manifestTypes[format] });
    try {
      for await (const text of toManifest(services, state, { format })) {
        await stored(() => writer.write(new TextEncoder().encode(text)));
      }
      await stored(() => writer.close());
    } catch (error) {
      await writer.abort().catch(() => {});
      throw error;
    }
  }
}
