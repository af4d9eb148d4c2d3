/** Text in, recordings out: the fast way for whatever stretch of a document it fits, the strict one for the rest. */
import type { Envelope } from '../response/envelope.ts';
import { createXmlParser } from '../xml/parser.ts';
import type { ListWarning } from './list-warning.ts';
import { maxCanonical, readCanonical } from './record-canonical.ts';
import { createRecordDocument } from './record-document.ts';
import type { LegacyRecording } from './recording.ts';

export interface RecordScanner {
  /** The result as soon as it is known. */
  readonly result: Envelope['result'] | null;
  /** Null unless the document has ended and is one of this API. */
  readonly envelope: Envelope | null;
  /** Throws XmlError, as `end` does; after that the scanner is of no more use. */
  write(text: string): void;
  /** Returns the warnings about what stands behind the last recording. */
  end(): readonly ListWarning[];
}

/** After one of these the fast way may begin, unless they stand in a comment or the like. */
const boundary = /<data>|<\/recording>/g;

/**
 * The strict parser never sees what the fast way has read. It can do without, because that is always a run of whole
 * elements between two tags: what is well-formed with it is well-formed without.
 */
export function createRecordScanner(emit: (recording: LegacyRecording) => void): RecordScanner {
  const document = createRecordDocument(emit);
  const parser = createXmlParser(document);
  /** What may become a canonical recording with more text. */
  let pending = '';
  let isBetween = false;

  /** For what the fast way finds behind something that was repaired or left out. */
  function emitWithWarnings(recording: LegacyRecording): void {
    emit(document.hasWarnings ? { ...recording, warnings: document.takeWarnings() } : recording);
  }

  function readStrictly(text: string): void {
    parser.write(text);
    isBetween = parser.atTagEnd && document.isBetweenRecordings;
  }

  return {
    get result() {
      return document.result;
    },
    get envelope() {
      return document.envelope;
    },
    write(more) {
      const text = pending + more;
      pending = '';
      let at = 0;
      while (at < text.length) {
        if (isBetween) at = readCanonical(text, at, document.hasWarnings ? emitWithWarnings : emit);
        const stop = findBoundary(text, at);
        if (isBetween && stop === null && text.length - at <= maxCanonical) {
          pending = text.slice(at);
          return;
        }
        readStrictly(text.slice(at, stop ?? text.length));
        at = stop ?? text.length;
      }
    },
    end() {
      parser.write(pending);
      parser.end();
      return document.takeWarnings();
    },
  };
}

/** The end of the next one, or null. */
function findBoundary(text: string, from: number): number | null {
  boundary.lastIndex = from;
  return boundary.test(text) ? boundary.lastIndex : null;
}
