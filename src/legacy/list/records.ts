/** Reads the recordings of a `recording.list` response as it arrives. */
import { assertSuccess, invalidResponse } from '../response/response-reader.ts';
import type { LegacyResponse } from '../transport.ts';
import type { ListWarning } from './list-warning.ts';
import { createRecordReader } from './record-reader.ts';
import type { LegacyRecording } from './recording.ts';

/**
 * Bytes parsed at a time, however much arrives: fewer live recordings cost less garbage collection, and a full page
 * stops sooner. A long list took a quarter more time with 64 KiB.
 */
const pieceSize = 16 * 1024;

/** Yields batches of recordings, and returns the warnings about text after the last one. */
export type RecordBatches = AsyncGenerator<readonly LegacyRecording[], readonly ListWarning[]>;

/** Streams the recordings of a list. The response's status and envelope are checked before and after the data. */
export async function* readRecords(answer: LegacyResponse): RecordBatches {
  const isSuccess = answer.status >= 200 && answer.status < 300;
  if (!isSuccess) {
    await assertSuccess(answer, 'recording.list');
    throw invalidResponse(answer, 'success with the status of a failure');
  }
  const { headers, status } = answer;
  const contentType = headers.get('content-type');
  const reader = createRecordReader({ status, contentType, retryAfter: headers.get('retry-after') });
  const count = (warnings: readonly ListWarning[]) =>
    answer.countRepairs?.(warnings.reduce((sum, warning) => sum + warning.count, 0));
  for (let chunk = await answer.body.read(); chunk; chunk = await answer.body.read()) {
    for (let from = 0; from < chunk.length; from += pieceSize) {
      const batch = reader.push(chunk.subarray(from, from + pieceSize));
      for (const { warnings } of batch) if (warnings) count(warnings);
      if (batch.length > 0) yield batch;
    }
  }
  const last = reader.end();
  for (const { warnings } of last) if (warnings) count(warnings);
  if (last.length > 0) yield last;
  count(reader.lastWarnings);
  return reader.lastWarnings;
}
