/** Hands the chunks of a body to a request one by one, without copies of large ones. */

/** An async iterable, which undici reads for the next chunk once the socket has passed on the last. */
export interface Handover {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Resolves when the chunk's memory may be used again. */
  give(chunk: Uint8Array): Promise<void>;
  /** Call after the last chunk was given, or when the request has failed. */
  end(): void;
}

/** A socket accepts less than this without waiting, and reads the memory later. */
const maxCopiedBytes = 256 * 1024;

export function createHandover(): Handover {
  let offered: Uint8Array | null = null;
  let isOver = false;
  let wake = () => {};
  let release = () => {};

  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (!offered && !isOver) await new Promise<void>((resolve) => (wake = resolve));
      if (!offered) return;
      yield offered;
      offered = null;
      release();
    }
  }

  return {
    chunks: chunks(),
    async give(chunk) {
      if (isOver || chunk.length === 0) return;
      const isSmall = chunk.length < maxCopiedBytes;
      offered = isSmall ? Uint8Array.from(chunk) : chunk;
      const taken = new Promise<void>((resolve) => (release = resolve));
      wake();
      await taken;
    },
    end() {
      isOver = true;
      wake();
      release();
    },
  };
}
