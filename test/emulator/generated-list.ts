/** A list of up to a million recordings and more that is never held: a thousand records are laid out once, then copied and renumbered. */
import { type Bytes, concat, encode } from './bytes.ts';
import { type ListedRecording, toXml } from './recording.ts';

export interface GeneratedList {
  readonly count: number;
  recordingAt(index: number): ListedRecording;
  /** The place of a sid in this list, or null. */
  indexOf(sid: string): number | null;
  /** The records as XML without those whose index is in `removed`, newest first. */
  chunks(removed: ReadonlySet<number>): Generator<Bytes, void>;
  /** Of what `chunks` gives, in bytes. */
  length(removed: ReadonlySet<number>): number;
}

/** A block is a day: its records share all digits of sid and date that change from block to block. */
const blockSize = 1000;
const newestDay = Date.UTC(2023, 11, 31);
const sidOffset = '<recording>\n<sid>'.length;

/** `number` (0–99) goes into the sids, so that two lists of an account share none. */
export function createGeneratedList(count: number, number: number): GeneratedList {
  const prefix = `09${String(number).padStart(2, '0')}`;
  const records = Array.from({ length: blockSize }, (_, position) => toXml(recordingAt(position)));
  const template = encode(records.join(''));
  const offsets = [0];
  for (const record of records) offsets.push((offsets.at(-1) ?? 0) + record.length);
  const dateOffsets = records.map((record, position) => offsetOf(position) + record.indexOf('<date>') + 6);

  function offsetOf(position: number): number {
    return offsets[position] ?? template.length;
  }

  function recordingAt(index: number): ListedRecording {
    const position = index % blockSize;
    const moment = new Date(
      newestDay - Math.floor(index / blockSize) * 86_400_000 + (86_340 - position * 86) * 1000,
    );
    return {
      sid: prefix + String(index).padStart(12, '0'),
      dnis: `847555${1000 + ((position * 7) % 9000)}`,
      // A caller who hung up first was connected to nobody.
      number_connected: position % 50 === 49 ? '' : `312555${1000 + ((position * 13) % 9000)}`,
      minutes: (0.1 + ((position * 37) % 600) / 10).toFixed(1),
      date: moment.toISOString().slice(0, 19).replace('T', ' '),
    };
  }

  function createBlock(block: number): Bytes {
    const copy = new Uint8Array(template);
    if (block === 0) return copy;
    const digits = encode(String(block).padStart(9, '0'));
    const day = encode(recordingAt(block * blockSize).date.slice(0, 10));
    for (let position = 0; position < blockSize; position++) {
      copy.set(digits, offsetOf(position) + sidOffset + prefix.length);
      copy.set(day, dateOffsets[position] ?? 0);
    }
    return copy;
  }

  return {
    count,
    recordingAt,
    indexOf(sid) {
      if (!sid.startsWith(prefix) || !/^\d{16}$/.test(sid)) return null;
      const index = Number(sid.slice(prefix.length));
      return index < count ? index : null;
    },
    *chunks(removed) {
      const gone = Array.from(removed).sort((a, b) => a - b);
      for (let first = 0; first < count; first += blockSize) {
        const block = createBlock(first / blockSize);
        const end = Math.min(blockSize, count - first);
        const parts: Uint8Array[] = [];
        let from = 0;
        while ((gone[0] ?? count) < first + end) {
          const position = (gone.shift() ?? 0) - first;
          parts.push(block.subarray(offsetOf(from), offsetOf(position)));
          from = position + 1;
        }
        if (from === 0 && end === blockSize) yield block;
        else yield concat([...parts, block.subarray(offsetOf(from), offsetOf(end))]);
      }
    },
    length(removed) {
      let length = Math.floor(count / blockSize) * template.length + offsetOf(count % blockSize);
      for (const index of removed) length -= records[index % blockSize]?.length ?? 0;
      return length;
    },
  };
}
