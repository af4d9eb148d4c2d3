/** Turns text into recordings: the fast path reads canonical stretches, the strict parser the rest. */
import type { Envelope } from '../response/envelope.ts';
import { createXmlParser } from '../xml/parser.ts';
import type { ListWarning } from './list-warning.ts';
import { maxCanonical, readCanonical } from './record-canonical.ts';
import { createRecordDocument } from './record-document.ts';
import type { LegacyRecording } from './recording.ts';

export interface RecordScanner {
  /** The result as soon as it is known. */
  readonly result: Envelope['result'] | null;
  /** Null unless the document is complete and one of this API. */
  readonly envelope: Envelope | null;
  /** Throws XmlError, as `end` does; the scanner is unusable afterwards. */
  write(text: string): void;
  /** Returns the warnings about text after the last recording. */
  end(): readonly ListWarning[];
}

/** The fast path may start after one of these tags, unless it is inside a comment or similar. */
const boundary = /<data>|<\/recording>/g;

/**
 * The strict parser never sees the text of the fast path. That text is always a run of complete elements between two
 * tags, so the document is well-formed with it exactly if it is well-formed without it.
 */
export function createRecordScanner(emit: (recording: LegacyRecording) => void): RecordScanner {
  const document = createRecordDocument(emit);
  const parser = createXmlParser(document);
  /** Text that more text may turn into a canonical recording. */
  let pending = '';
  let isBetween = false;

  /** For a fast-path recording that follows repaired or omitted text. */
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

/** End of the next boundary, or null. */
function findBoundary(text: string, from: number): number | null {
  boundary.lastIndex = from;
  return boundary.test(text) ? boundary.lastIndex : null;
}
