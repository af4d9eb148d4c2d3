/**
 * Passes a stream on and writes it into the store on the way, a bufferful at a time and never more than one.
 *
 * Measured in turn on plain workerd with the store in another process, 300 MB, where a pipe without a store took 1.3 ms of CPU
 * a MB: this way 3.1, and 2.9 by the platform's own `tee`, which holds without bound what the slower of the two ends has not
 * taken yet. Parts of 5 MiB uploaded from memory took 2.3, but a client of a slow legacy would wait for each to fill; parts
 * filled from smaller reads, as without a length, 3.7. A second call to the legacy after the answer costs the client nothing
 * and the legacy everything twice, so it is kept for those who jump about and never read to the end.
 */
import { createByteReader } from '../legacy/byte-reader.ts';
import type { StoreWriter } from './store-writer-workers.ts';

interface Passage {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}
declare const FixedLengthStream: new (length: number) => Passage;
declare const IdentityTransformStream: new () => Passage;

/** In bytes. */
const bufferSize = 512 * 1024;

/** A store that takes nothing for so long is given up, and the client gets the rest at its own pace. In milliseconds. */
const storePatience = 5000;

export interface Keeping {
  readonly stream: ReadableStream<Uint8Array>;
  /** In bytes; null where nobody said it. */
  readonly length: number | null;
  readonly writer: StoreWriter;
  /** Told of a store that cannot be written, or takes too long. */
  readonly onFailure: (cause: unknown) => void;
}

export interface Kept {
  readonly passed: ReadableStream<Uint8Array>;
  /** Whether all of it is in the store; never rejects. What broke, was left or could not be written leaves nothing. */
  readonly kept: Promise<boolean>;
}

export function keepWhilePassing({ stream, length, writer, onFailure }: Keeping): Kept {
  const passage = length === null ? new IdentityTransformStream() : new FixedLengthStream(length);
  const client = passage.writable.getWriter();
  const reader = createByteReader(stream);
  let isKept = true;

  async function giveUp(): Promise<void> {
    isKept = false;
    await writer.abort();
  }

  async function fail(cause: unknown): Promise<void> {
    onFailure(cause);
    // Not waited for: the client's bytes must not stand still with the store.
    void giveUp();
  }

  async function store(chunk: Uint8Array): Promise<void> {
    if (isKept) await within(storePatience, writer.write(chunk)).catch(fail);
  }

  async function pass(): Promise<boolean> {
    try {
      for (let chunk = await reader.read(bufferSize, 1); chunk; chunk = await reader.read(bufferSize, 1)) {
        await Promise.all([client.write(chunk), store(chunk)]);
        reader.recycle(chunk);
      }
      await client.close();
    } catch (cause) {
      await Promise.allSettled([client.abort(cause), reader.cancel(), giveUp()]);
    }
    if (isKept) await writer.close().catch(fail);
    return isKept;
  }

  return { passed: passage.readable, kept: pass() };
}

/** Rejects when it has taken longer. */
async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('too slow')), milliseconds);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
