/** Writes the digests of an export in a folder store to a file that `sha256sum --check` reads, in the folder of the store. */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JobServices } from '../exports/job.ts';
import { exportKey } from '../exports/keys.ts';
import { toParts } from '../exports/ledger.ts';
import { toManifest } from '../exports/manifest.ts';
import { fromLines, type ManifestRow } from '../exports/rows.ts';
import type { ExportState } from '../exports/state.ts';

/** Returns the path of the file below `directory`. A recording that is listed twice has one line. */
export async function writeDigests(
  services: JobServices,
  state: ExportState,
  directory: string,
): Promise<string> {
  const digests = new Map<string, string>();
  for await (const text of toManifest(services, state, { format: 'ndjson' })) {
    for (const { key, sha256 } of fromLines<ManifestRow>(text)) {
      if (key !== null && sha256 !== null) digests.set(key, sha256);
    }
  }
  const file = join(dirname(exportKey(toParts(state.id), 'manifest.ndjson')), 'SHA256SUMS');
  await writeFile(
    join(directory, file),
    Array.from(digests, ([key, sha256]) => `${sha256}  ${key}\n`),
  );
  return file;
}
