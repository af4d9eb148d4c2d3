/** The account's exports: listed, created, changed, and followed until they end. */
import { signal } from '@preact/signals';
import {
  createExport,
  type Export,
  type ExportRequest,
  getExport,
  getExportManifest,
  listExports,
  type ManifestFormat,
} from '../../dist/client/index.ts';
import type { ApiError } from './api-error.ts';
import { saveBlob } from './audio.ts';
import { follow } from './export-events.ts';
import { addSample, countDone, type Rate, type Sample, toRate } from './export-rate.ts';
import { toSources, toStatusText } from './export-texts.ts';
import { client, type Outcome, settle } from './gateway.ts';
import { toast } from './toast.ts';

/** The newest first; null until the list has come. */
export const shownExports = signal<readonly Export[] | null>(null);
export const exportsError = signal<ApiError | null>(null);

const samples = signal<Readonly<Record<string, readonly Sample[]>>>({});

/** A browser has six connections to a host: the newest exports are followed, the others shown as they were. */
const maxFollowed = 3;
let shown = new AbortController();
let followed = new Set<string>();

export function isActive({ status, deletion }: Export): boolean {
  return ['queued', 'running', 'waiting'].includes(status) || deletion?.status === 'running';
}

/** Null while the export stands still, or its rate is not known yet. */
export function rateOf({ id, status, progress }: Export): Rate | null {
  return status === 'running' ? toRate(samples.value[id] ?? [], progress.listed) : null;
}

export async function loadExports(): Promise<void> {
  forgetExports();
  const mine = shown;
  const { data, error } = await settle(listExports({ client }));
  if (mine !== shown) return;
  exportsError.value = error;
  shownExports.value = data?.exports ?? null;
  for (const exported of data?.exports ?? []) followOne(exported);
}

/** Ends the following, too. */
export function forgetExports(): void {
  shown.abort();
  shown = new AbortController();
  followed = new Set();
  samples.value = {};
  shownExports.value = null;
  exportsError.value = null;
}

/** `key`: the same for each attempt, so that one which came through unnoticed is not repeated. */
export function startExport(body: ExportRequest, key: string): Promise<Outcome<Export>> {
  return settle(createExport({ client, body, headers: { 'Idempotency-Key': `"${key}"` } }));
}

type Change = (options: {
  client: typeof client;
  path: { export_id: string };
}) => Promise<{ data?: Export | undefined; error?: unknown; response?: Response | undefined }>;

/** Calls one of the export's operations, such as `pauseExport`, and shows what has become of the export. */
export async function changeExport({ id }: Export, change: Change): Promise<ApiError | null> {
  const { data, error } = await settle(change({ client, path: { export_id: id } }));
  if (data) put(data);
  return error;
}

export async function saveManifest({ id }: Export, format: ManifestFormat): Promise<ApiError | null> {
  const call = getExportManifest({ client, path: { export_id: id }, query: { format }, parseAs: 'blob' });
  const { data, error } = (await settle(call)) as Outcome<Blob>;
  if (data) saveBlob(data, `manifest.${format}`);
  return error;
}

function put(exported: Export): void {
  const before = shownExports.value?.find(({ id }) => id === exported.id);
  if (!before) return;
  show(exported);
  followOne(exported);
  const [was, is] = [toStatusText(before), toStatusText(exported)];
  if (was !== is) toast(`Export of ${toSources(exported)}: ${is.toLowerCase()}.`);
}

function show(exported: Export): void {
  const { id, progress } = exported;
  const sample = { atMs: performance.now(), done: countDone(progress), bytes: progress.bytes };
  // The time that an export stands still is no part of its rate.
  const known = exported.status === 'running' ? addSample(samples.value[id] ?? [], sample) : [];
  samples.value = { ...samples.value, [id]: known };
  shownExports.value =
    shownExports.value?.map((other) => (other.id === id ? exported : other)) ?? shownExports.value;
}

function followOne(exported: Export): void {
  const { id } = exported;
  const isOver = !isActive(exported) && exported.status !== 'paused';
  if (isOver || followed.has(id) || followed.size >= maxFollowed) return;
  const mine = followed.add(id);
  const { signal } = shown;
  void follow({
    id,
    signal,
    onProgress({ progress, deletion }) {
      const known = shownExports.value?.find((other) => other.id === id);
      if (known && !signal.aborted) show({ ...known, progress, deletion });
    },
    async refresh() {
      const { data, error } = await settle(getExport({ client, path: { export_id: id } }));
      if (signal.aborted) return false;
      if (data) put(data);
      return data ? isActive(data) || data.status === 'paused' : error?.status !== 404;
    },
  }).finally(() => mine.delete(id));
}
