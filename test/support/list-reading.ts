/** Reads a list in chunks, on each of the two paths. */

import { LegacyError, type LegacyFailure } from '../../src/legacy/failure.ts';
import type { ListWarning } from '../../src/legacy/list/list-warning.ts';
import { createRecordDocument } from '../../src/legacy/list/record-document.ts';
import { createRecordReader, type ListHead } from '../../src/legacy/list/record-reader.ts';
import { createRecordScanner } from '../../src/legacy/list/record-scanner.ts';
import type { LegacyRecording } from '../../src/legacy/list/recording.ts';
import { createXmlDecoder } from '../../src/legacy/xml/charset.ts';
import { XmlError } from '../../src/legacy/xml/error.ts';
import { createXmlParser } from '../../src/legacy/xml/parser.ts';

export interface Reading {
  readonly recordings: readonly LegacyRecording[];
  /** Null if the list was read to its end. */
  readonly failure: LegacyFailure | null;
  /** Repairs and omissions; absent without any. */
  readonly warnings?: readonly ListWarning[];
}

export interface ReadingOptions extends Partial<ListHead> {
  /** The sizes of the chunks, repeated; one chunk if empty. */
  readonly cuts?: readonly number[];
}

/** Through the gateway's reader. Throws errors other than LegacyError. */
export function readList(xml: string | Uint8Array, options: ReadingOptions = {}): Reading {
  const bytes = typeof xml === 'string' ? new TextEncoder().encode(xml) : xml;
  const { status = 200, contentType = 'text/xml', retryAfter = null, cuts = [] } = options;
  const recordings: LegacyRecording[] = [];
  try {
    const reader = createRecordReader({ status, contentType, retryAfter });
    for (const chunk of cut(bytes, cuts)) recordings.push(...reader.push(chunk));
    recordings.push(...reader.end());
    const warnings = [...recordings.flatMap((recording) => recording.warnings ?? []), ...reader.lastWarnings];
    return { recordings, failure: null, ...(warnings.length > 0 && { warnings }) };
  } catch (error) {
    if (!(error instanceof LegacyError)) throw error;
    return { recordings, failure: error.failure };
  }
}

/** The content and faults of a document, by the strict parser alone or by both paths together. */
export function readText(xml: string, way: 'strict' | 'both', cuts: readonly number[] = []) {
  const recordings: LegacyRecording[] = [];
  const emit = (recording: LegacyRecording) => recordings.push(recording);
  const decoder = createXmlDecoder(null);
  const document = createRecordDocument(emit);
  const reader = way === 'strict' ? createXmlParser(document) : createRecordScanner(emit);
  try {
    for (const chunk of cut(new TextEncoder().encode(xml), cuts)) reader.write(decoder.decode(chunk));
    reader.write(decoder.end());
    const lastWarnings = reader.end() ?? document.takeWarnings();
    const { envelope } = 'envelope' in reader ? reader : document;
    return { recordings, lastWarnings, envelope, error: null };
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return { recordings, lastWarnings: [], envelope: null, error: error.message };
  }
}

function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let from = 0;
  for (let at = 0; from < bytes.length; at += 1) {
    const size = sizes.length > 0 ? Math.max(1, sizes[at % sizes.length] ?? 1) : bytes.length;
    yield bytes.subarray(from, from + size);
    from += size;
  }
}
