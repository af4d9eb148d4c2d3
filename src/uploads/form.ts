/** Streams the one file of an HTML form (`multipart/form-data`, RFC 7578) without storing it. */
import type { BodyReader } from './body-reader.ts';
import { StagingError } from './failure.ts';
import { createFormParser } from './form-parser.ts';

export interface FormFile {
  /** As the form declares it; empty if it does not. */
  readonly contentType: string;
  /** Ends with the whole form, and throws if the form turns out to be invalid. */
  readonly reader: BodyReader;
}

export interface FormOptions {
  /** The form's type, boundary included. */
  readonly contentType: string;
  /** The largest file, in bytes. */
  readonly limit: number;
}

/** In bytes: the most that a form may add to its file with fields, part headers and boundaries. */
export const formOverhead = 1024 * 1024;

/** In bytes. */
const pieceSize = 256 * 1024;

/** Reads up to the start of the file. Throws StagingError if the form has no file. */
export async function openFormFile(form: BodyReader, { contentType, limit }: FormOptions): Promise<FormFile> {
  let target: Uint8Array = new Uint8Array();
  let filled = 0;
  let count = 0;
  let spare = new ArrayBuffer();
  /** File bytes that arrived in the same piece as the end of a read. */
  const rest: Uint8Array[] = [];

  /** Copies the chunk, because the parser reuses its memory. */
  function keep(chunk: Uint8Array): void {
    const fits = chunk.subarray(0, target.length - filled);
    target.set(fits, filled);
    filled += fits.length;
    if (fits.length < chunk.length) rest.push(chunk.slice(fits.length));
  }

  const parser = createFormParser(contentType, keep);
  const advance = createFeed(form, parser.write);

  const reader: BodyReader = {
    async read(size) {
      const wanted = Math.min(size, limit + 1 - count);
      target = new Uint8Array(spare.byteLength < wanted ? new ArrayBuffer(wanted) : spare, 0, wanted);
      spare = new ArrayBuffer();
      filled = 0;
      for (const chunk of rest.splice(0)) keep(chunk);
      while (filled < wanted && (await advance())) {}
      if (filled < wanted) parser.end();
      count += filled;
      if (count > limit) throw new StagingError({ kind: 'too-large', limit });
      return target.subarray(0, filled);
    },
    get count() {
      return count;
    },
    recycle(piece) {
      if (piece.buffer instanceof ArrayBuffer) spare = piece.buffer;
    },
    cancel: form.cancel,
  };
  return { contentType: await findFile(), reader };

  async function findFile(): Promise<string> {
    try {
      for (;;) {
        const found = parser.file();
        if (found !== null) return found;
        if (!(await advance())) parser.end();
      }
    } catch (cause) {
      await form.cancel();
      throw cause;
    }
  }
}

/** Feeds a form to `write` piece by piece; each call tells whether there was another piece. */
function createFeed(form: BodyReader, write: (bytes: Uint8Array) => void): () => Promise<boolean> {
  let isOver = false;
  return async () => {
    if (isOver) return false;
    const piece = await form.read(pieceSize);
    isOver = piece.length < pieceSize;
    write(piece);
    form.recycle(piece);
    return true;
  };
}
