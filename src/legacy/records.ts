/** Reads the list of recordings as it streams, in memory bounded by its largest recording. */
import { createXmlDecoder } from './charset.ts';
import { classify } from './classify.ts';
import { LegacyError, type LegacyFailure } from './failure.ts';
import { createRecordDocument } from './record-document.ts';
import { XmlError } from './xml-error.ts';
import { createXmlParser } from './xml-parser.ts';

/** Each value is the legacy's text without white space around it; null where the element is empty or missing. */
export interface LegacyRecording {
  /** Never empty. */
  readonly sid: string;
  readonly dnis: string | null;
  readonly number_connected: string | null;
  readonly minutes: string | null;
  readonly date: string | null;
}

export interface RecordReader {
  /** The recordings that are complete with this chunk and known to belong to a success. Throws LegacyError. */
  push(chunk: Uint8Array): readonly LegacyRecording[];
  /** The last of them. Throws LegacyError where the answer is not complete or no success. */
  end(): readonly LegacyRecording[];
}

export interface ListHead {
  /** Of HTTP. */
  readonly status: number;
  readonly contentType: string | null;
  readonly retryAfter: string | null;
}

/**
 * What may arrive before the result does. The documented answer has the result first; in another order, recordings are
 * held back until it is known. In characters.
 */
const maxUnconfirmed = 4 * 1024 * 1024;

export function createRecordReader(head: ListHead): RecordReader {
  const isSuccess = head.status >= 200 && head.status < 300;
  const decoder = createXmlDecoder(head.contentType);
  let batch: LegacyRecording[] = [];
  const document = createRecordDocument((recording) => batch.push(recording));
  const parser = createXmlParser(document);

  function read(text: string): void {
    parser.write(text);
    if (document.result === null && parser.position > maxUnconfirmed) {
      throw new XmlError(`no result within ${maxUnconfirmed} characters`);
    }
  }

  /** Takes the batch, or keeps it back until the envelope has said `success`. */
  function release(): readonly LegacyRecording[] {
    if (isSuccess && document.result === 'success') {
      const ready = batch;
      batch = [];
      return ready;
    }
    if (document.result !== null) batch = [];
    return [];
  }

  return {
    push: (chunk) =>
      guard(head, () => {
        read(decoder.decode(chunk));
        return release();
      }),
    end: () =>
      guard(head, () => {
        read(decoder.end());
        parser.end();
        if (!document.envelope) throw new XmlError('XML that is not an envelope of this API');
        const failure = classify({ ...head, envelope: document.envelope });
        if (failure) throw new LegacyError(failure);
        return release();
      }),
  };
}

function guard<T>(head: ListHead, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    if (cause instanceof XmlError) throw new LegacyError(toFailure(head, cause), { cause });
    throw cause;
  }
}

/** Where the status is that of a failure, it says more than that the body is no envelope. */
function toFailure(head: ListHead, error: XmlError): LegacyFailure {
  const { status } = head;
  const byStatus = status < 200 || status > 299 ? classify({ ...head, envelope: null }) : null;
  return byStatus ?? { kind: 'invalid-response', status, reason: error.message };
}
