/** Finds the one file among the parts of a form, and rejects forms without exactly one. */
import { searchLength } from '../legacy/response/sniff.ts';
import { concatBytes } from '../primitives/bytes.ts';
import { sniffUpload } from './declared-audio.ts';
import { StagingError } from './failure.ts';
import { type FormPart, readFormPart } from './form-part.ts';
import { createMultipartParser, MultipartError, type MultipartParser } from './multipart.ts';

/** Fields are ignored, so a form rarely needs many parts. */
const maxParts = 100;

export interface FormParser {
  /** The media type that the file declares, empty if its bytes decide; null until a file arrives. */
  file(): string | null;
  /** Throws StagingError. */
  write(bytes: Uint8Array): void;
  /** Ends the form. Throws StagingError if it is incomplete or has no file. */
  end(): void;
}

/**
 * `onFile` gets the file's bytes as they arrive, in memory that is reused. Throws StagingError for a type without a
 * boundary.
 */
export function createFormParser(contentType: string, onFile: (chunk: Uint8Array) => void): FormParser {
  let file: string | null = null;
  /** For a form without a file: the declared type of the nearest candidate, an empty file or one of another type. */
  let closest: string | null = null;
  let isNotAudio = false;
  let parts = 0;
  let isEmpty = true;
  let bytesSeen = 0;
  let part: FormPart | null = null;
  /** First bytes of an untyped part, kept until they show its format. */
  let head: Uint8Array[] = [];
  let use: 'file' | 'undecided' | 'skip' = 'skip';

  function claim({ contentType: type, encoding }: FormPart): void {
    if (file !== null)
      throw invalid('it has more than one file with audio, and which one is meant cannot be told');
    if (encoding) throw invalid(`its file has the Content-Transfer-Encoding ${encoding}; send it as binary`);
    file = type;
    use = 'file';
  }

  function decide(current: FormPart): void {
    const bytes = concatBytes(head);
    head = [];
    use = 'skip';
    // Text fields are untyped as well.
    if (sniffUpload(bytes) !== null) {
      claim(current);
      onFile(bytes);
    } else if (current.hasName) {
      if (current.encoding) claim(current);
      isNotAudio = true;
    }
  }

  const handler = {
    open(lines: Uint8Array) {
      parts += 1;
      if (parts > maxParts) throw invalid(`it has more than ${maxParts} parts`);
      part = readFormPart(lines);
      use = part.kind === 'other' ? 'skip' : 'undecided';
      bytesSeen = 0;
    },
    body(chunk: Uint8Array) {
      if (!part) return;
      bytesSeen += chunk.length;
      if (use === 'undecided' && part.kind === 'audio') claim(part);
      if (use === 'file') return onFile(chunk);
      if (use === 'skip') return;
      head.push(chunk.slice());
      if (bytesSeen >= searchLength) decide(part);
    },
    close() {
      if (!part) return;
      if (use === 'undecided' && bytesSeen > 0) decide(part);
      const isEmptyFile = bytesSeen === 0 && (part.kind === 'audio' || part.hasName);
      if (isEmptyFile || (part.kind === 'other' && part.hasName)) closest ??= part.contentType;
    },
  };
  const parser = createParser(contentType, handler);

  return {
    file: () => file,
    write(bytes) {
      isEmpty &&= bytes.length === 0;
      try {
        parser.write(bytes);
      } catch (cause) {
        throw cause instanceof MultipartError ? invalid(cause.message) : cause;
      }
    },
    end() {
      if (isEmpty || parser.state === 'open') throw new StagingError({ kind: 'incomplete' });
      if (parser.state === 'no-boundary')
        throw invalid('the boundary of its Content-Type does not occur in it');
      if (file === null && isNotAudio) {
        throw new StagingError({
          kind: 'not-audio',
          detail: "The form's file starts as neither a WAV nor an MP3 does.",
        });
      }
      file ??= closest;
      if (file === null) throw invalid('it has no file');
    },
  };
}

function createParser(
  contentType: string,
  handler: Parameters<typeof createMultipartParser>[1],
): MultipartParser {
  const [, quoted, plain] = /;\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
  if (boundary === '') throw invalid('its Content-Type has no boundary');
  return createMultipartParser(boundary, handler);
}

function invalid(fault: string): StagingError {
  return new StagingError({ kind: 'invalid-form', detail: `The form is invalid: ${fault}.` });
}
