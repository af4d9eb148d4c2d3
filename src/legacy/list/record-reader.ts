/** Reads the list of recordings as a stream, in memory bounded by its largest recording. */

import { LegacyError, type LegacyFailure } from '../failure.ts';
import { classify } from '../response/classify.ts';
import { createXmlDecoder } from '../xml/charset.ts';
import { XmlError } from '../xml/error.ts';
import type { ListWarning } from './list-warning.ts';
import { createRecordScanner } from './record-scanner.ts';
import type { LegacyRecording } from './recording.ts';

export interface RecordReader {
  /** Recordings that this chunk completes and that belong to a success. Throws LegacyError. */
  push(chunk: Uint8Array): readonly LegacyRecording[];
  /** The last recordings. Throws LegacyError if the response is incomplete or not a success. */
  end(): readonly LegacyRecording[];
  /** Warnings about text after the last recording; set at the end. */
  readonly lastWarnings: readonly ListWarning[];
}

export interface ListHead {
  /** HTTP status. */
  readonly status: number;
  readonly contentType: string | null;
  readonly retryAfter: string | null;
}

/**
 * In bytes: how much may arrive before the result. The documented response starts with the result; in any other
 * order, recordings are held back until it is known.
 */
const maxUnconfirmed = 4 * 1024 * 1024;

const asked = { action: 'recording.list' } as const;

export function createRecordReader(head: ListHead): RecordReader {
  const isSuccess = head.status >= 200 && head.status < 300;
  const decoder = createXmlDecoder(head.contentType);
  let batch: LegacyRecording[] = [];
  let size = 0;
  let lastWarnings: readonly ListWarning[] = [];
  const scanner = createRecordScanner((recording) => batch.push(recording));

  function read(chunk: Uint8Array): void {
    size += chunk.length;
    scanner.write(decoder.decode(chunk));
    if (scanner.result === null && size > maxUnconfirmed) {
      throw new XmlError(`no result within ${maxUnconfirmed} bytes`);
    }
  }

  /** Returns the batch, or holds it back until the envelope says `success`. */
  function release(): readonly LegacyRecording[] {
    if (scanner.result === null) return [];
    const ready = batch;
    batch = [];
    return isSuccess && scanner.result === 'success' ? ready : [];
  }

  return {
    push: (chunk) =>
      guard(head, () => {
        read(chunk);
        return release();
      }),
    end: () =>
      guard(head, () => {
        scanner.write(decoder.end());
        lastWarnings = scanner.end();
        if (!scanner.envelope) throw new XmlError('XML that is not an envelope of this API');
        const failure = classify({ ...asked, ...head, envelope: scanner.envelope });
        if (failure) throw new LegacyError(failure);
        return release();
      }),
    get lastWarnings() {
      return lastWarnings;
    },
  };
}

function guard<T>(head: ListHead, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof XmlError) throw new LegacyError(toFailure(head, cause), { cause });
    throw cause;
  }
}

/** An error status says more than an invalid envelope does. */
function toFailure(head: ListHead, error: XmlError): LegacyFailure {
  const { status } = head;
  const byStatus = status < 200 || status > 299 ? classify({ ...asked, ...head, envelope: null }) : null;
  return byStatus ?? { kind: 'invalid-response', status, reason: error.message };
}
