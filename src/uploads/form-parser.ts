/** What of a form is its one file, and what makes it no form at all. */
import { make } from 'multipasta';
import { StagingError } from './failure.ts';

/** Fields are passed over, so there are few good reasons for many. */
const maxParts = 20;

/** In bytes. */
const maxFieldSize = 4096;

const tooMuch = `it has more than ${maxParts} parts, or one of more than ${maxFieldSize} bytes that is no file`;

export interface FormParser {
  /** The media type that the file declares, empty where it declares none; null as long as no file has come. */
  file(): string | null;
  /** Throws StagingError. */
  write(bytes: Uint8Array): void;
  /** There is no more. Throws StagingError where that is too early, or no file has come. */
  end(): void;
}

/** `onFile` gets the file's bytes as they come; fields are passed over. Throws StagingError for a type without a boundary. */
export function createFormParser(contentType: string, onFile: (chunk: Uint8Array) => void): FormParser {
  let file: string | null = null;
  let fault: string | null = null;
  let isDone = false;

  function check(step: () => void): void {
    try {
      step();
    } catch {
      // A file name that cannot be decoded, for one.
      fault ??= 'it is malformed';
    }
    if (fault !== null) throw invalid(fault);
  }

  let write: (bytes: Uint8Array) => void = () => {};
  check(() => {
    const parser = make({
      headers: { 'content-type': contentType },
      isFile: ({ filename }) => filename !== undefined,
      maxParts,
      maxFieldSize,
      onField: () => {},
      onFile(info) {
        if (file !== null) fault ??= 'it has more than one file';
        file ??= info.headers['content-type'] === undefined ? '' : info.contentType;
        return (chunk) => {
          if (chunk && fault === null) onFile(chunk);
        };
      },
      onError(error) {
        fault ??= error._tag === 'ReachedLimit' ? tooMuch : 'it is malformed';
      },
      onDone: () => {
        isDone = true;
      },
    });
    write = parser.write;
  });

  return {
    file: () => file,
    write: (bytes) => check(() => write(bytes)),
    end() {
      if (!isDone) throw new StagingError({ kind: 'incomplete' });
      if (file === null) throw invalid('it has no file');
    },
  };
}

function invalid(fault: string): StagingError {
  return new StagingError({ kind: 'invalid-form', detail: `The form is invalid: ${fault}.` });
}
