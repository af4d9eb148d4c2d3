/** The account's exports: listed, created, changed, and followed until they end. */
import { signal } from '@preact/signals';
import type {
  Export,
  ExportAction,
  ExportRequest,
  ManifestFormat,
} from '../../clients/typescript/src/index.ts';
import type { ApiError } from './api-error.ts';
import { saveBlob } from './audio.ts';
import { addSample, countDone, type Rate, type Sample, toRate } from './export-rate.ts';
import { toSources, toStatusText } from './export-texts.ts';
import { gateway, type Outcome, settle } from './gateway.ts';
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
  const { data, error } = await settle(gateway().listExports());
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
  return settle(gateway().createExport(body, { idempotencyKey: key }));
}

/** Shows what has become of the export. */
export async function changeExport({ id }: Export, action: ExportAction): Promise<ApiError | null> {
  const { data, error } = await settle(gateway().controlExport(id, action));
  if (data) put(data);
  return error;
}

export async function saveManifest({ id }: Export, format: ManifestFormat): Promise<ApiError | null> {
  const load = async () => (await gateway().getExportManifest(id, { format })).blob();
  const { data, error } = await settle(load());
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
  const follow = async () => {
    for await (const event of gateway().followExport(id, { signal })) {
      const known = shownExports.value?.find((other) => other.id === id);
      if (!known || signal.aborted) return;
      const { progress, deletion } = event;
      // Only a whole export has been read after the latest change.
      if (event.sources) put({ ...known, ...event });
      else show({ ...known, progress, deletion });
    }
  };
  settle(follow())
    // Another list is shown.
    .catch(() => {})
    .finally(() => mine.delete(id));
}
