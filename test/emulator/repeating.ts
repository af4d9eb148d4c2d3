/** A file of any length made of a head and one repeated unit, so that a gigabyte costs no more memory than a second. */
import type { Bytes } from './bytes.ts';

export interface AudioFile {
  readonly contentType: string;
  /** In bytes. */
  readonly length: number;
  /** The bytes from `start` up to and excluding `end`; each chunk is made when it is read. */
  read(start?: number, end?: number): Generator<Bytes, void>;
  /** The same as one array. */
  slice(start?: number, end?: number): Bytes;
}

export interface RepeatingOptions {
  readonly contentType: string;
  readonly head: Uint8Array;
  readonly unit: Uint8Array;
  /** Length of the whole in bytes, including the head. */
  readonly length: number;
  /** Marks the copy with its number, so that no two parts of the file are equal. */
  stamp(copy: Uint8Array, number: number): void;
}

export function createRepeating(options: RepeatingOptions): AudioFile {
  const { head, unit, length, stamp } = options;

  function* read(start = 0, end = length): Generator<Bytes, void> {
    end = Math.min(end, length);
    if (start < head.length && start < end) yield new Uint8Array(head.slice(start, end));
    let position = Math.max(start, head.length);
    while (position < end) {
      const number = Math.floor((position - head.length) / unit.length);
      const unitStart = head.length + number * unit.length;
      const copy = new Uint8Array(unit);
      stamp(copy, number);
      const whole = position === unitStart && end - unitStart >= unit.length;
      yield whole ? copy : copy.slice(position - unitStart, end - unitStart);
      position = unitStart + unit.length;
    }
  }

  return {
    contentType: options.contentType,
    length,
    read,
    slice(start = 0, end = length) {
      const whole = new Uint8Array(Math.max(0, Math.min(end, length) - start));
      let offset = 0;
      for (const chunk of read(start, end)) {
        whole.set(chunk, offset);
        offset += chunk.length;
      }
      return whole;
    },
  };
}
