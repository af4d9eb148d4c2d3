/** Writes the copies of an export out of a folder store as plain files, below their keys, with a list of digests. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { JobServices } from '../exports/job.ts';
import { exportKey } from '../exports/keys.ts';
import { toParts } from '../exports/ledger.ts';
import { toManifest } from '../exports/manifest.ts';
import { fromLines, type ManifestRow } from '../exports/rows.ts';
import type { ExportState } from '../exports/state.ts';
import type { ObjectStore } from '../store/object-store.ts';

/** Read by `sha256sum --check`, in the folder of the store. */
const digestsName = 'SHA256SUMS';

/** Files that are there with the right length stay: each was renamed only after its digest was compared. */
export async function writeFiles(
  services: JobServices,
  state: ExportState,
  directory: string,
): Promise<{ readonly digests: string }> {
  const digests = new Map<string, string>();
  for await (const text of toManifest(services, state, { format: 'ndjson' })) {
    for (const { key, bytes, sha256 } of fromLines<ManifestRow>(text)) {
      if (key === null || bytes === null || sha256 === null) continue;
      digests.set(key, sha256);
      const path = join(directory, key);
      const known = await stat(path).catch(() => null);
      if (known?.size !== bytes) await writeObject(services.store, key, { path, sha256 });
    }
  }
  for (const name of ['manifest.ndjson', 'manifest.csv'] as const) {
    const key = exportKey(toParts(state.id), name);
    await writeObject(services.store, key, { path: join(directory, key), sha256: null });
  }
  const file = join(dirname(exportKey(toParts(state.id), 'manifest.ndjson')), digestsName);
  const lines = Array.from(digests, ([key, sha256]) => `${sha256}  ${key}\n`);
  await writeFile(join(directory, file), lines.join(''));
  return { digests: file };
}

interface Target {
  readonly path: string;
  /** Null where the digest is unknown. */
  readonly sha256: string | null;
}

async function writeObject(store: ObjectStore, key: string, { path, sha256 }: Target): Promise<void> {
  const object = await store.get(key);
  if (!object) throw new Error(`the folder has no ${key}`);
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.partial`;
  const digest = createHash('sha256');
  const body = Readable.fromWeb(object.body as NodeReadableStream);
  body.on('data', (piece: Uint8Array) => digest.update(piece));
  try {
    await pipeline(body, createWriteStream(draft));
    if (sha256 !== null && digest.digest('hex') !== sha256) throw new Error(`the copy ${key} is damaged`);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
