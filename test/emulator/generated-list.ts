/**
 * A list of a million recordings or more that is never held in memory: a thousand are prepared, then copied and
 * renumbered.
 */
import { type Bytes, concat, encode } from './bytes.ts';
import { type ListedRecording, type Recording, toXml } from './recording.ts';

export interface GeneratedList {
  readonly count: number;
  recordingAt(index: number): ListedRecording;
  /** The index of a sid in this list, or null. */
  indexOf(sid: string): number | null;
  /** The records as XML without those whose index is in `removed`, newest first. */
  chunks(removed: ReadonlySet<number>): Generator<Bytes, void>;
  /** Length of the output of `chunks`, in bytes. */
  length(removed: ReadonlySet<number>): number;
}

/** Properties that all recordings of a generated list share. */
export interface GeneratedKind {
  /** Length of the audio, in seconds; by default up to an hour, by position. */
  readonly seconds?: number;
  /** The behavior of one recording; by default it plays. */
  readonly special?: (index: number) => Partial<Pick<Recording, 'asksUntilReady' | 'retrievalFails'>> | null;
}

/** A block is a day: between blocks, only some digits of the sids and dates change. */
const blockSize = 1000;
const newestDay = Date.UTC(2023, 11, 31);

/** `number` (0–99) is part of the sids, so that two lists of an account share none. */
export function createGeneratedList(
  count: number,
  number: number,
  { seconds }: Pick<GeneratedKind, 'seconds'> = {},
): GeneratedList {
  const prefix = `09${String(number).padStart(2, '0')}`;
  const shape = { prefix, minutes: seconds === undefined ? null : toListedMinutes(seconds) };

  return {
    count,
    recordingAt: (index) => createRecord(shape, index),
    indexOf(sid) {
      if (!sid.startsWith(prefix) || !/^\d{16}$/.test(sid)) return null;
      const index = Number(sid.slice(prefix.length));
      return index < count ? index : null;
    },
    *chunks(removed) {
      const { offsets } = layOut(shape);
      const gone = Array.from(removed).sort((a, b) => a - b);
      for (let first = 0; first < count; first += blockSize) {
        const block = createBlock(shape, first / blockSize);
        const end = Math.min(blockSize, count - first);
        const parts: Uint8Array[] = [];
        let from = 0;
        while ((gone[0] ?? count) < first + end) {
          const position = (gone.shift() ?? 0) - first;
          parts.push(block.subarray(offsets[from], offsets[position]));
          from = position + 1;
        }
        if (from === 0 && end === blockSize) yield block;
        else yield concat([...parts, block.subarray(offsets[from], offsets[end])]);
      }
    },
    length(removed) {
      const { template, offsets } = layOut(shape);
      const lengthAt = (position: number) => (offsets[position + 1] ?? 0) - (offsets[position] ?? 0);
      let length = Math.floor(count / blockSize) * template.length + (offsets[count % blockSize] ?? 0);
      for (const index of removed) length -= lengthAt(index % blockSize);
      return length;
    },
  };
}

interface Shape {
  readonly prefix: string;
  /** Null for a length by position. */
  readonly minutes: string | null;
}

/** A tenth of a minute at least. */
function toListedMinutes(seconds: number): string {
  return (Math.ceil(seconds / 6) / 10).toFixed(1);
}

function createRecord({ prefix, minutes }: Shape, index: number): ListedRecording {
  const position = index % blockSize;
  const day = newestDay - Math.floor(index / blockSize) * 86_400_000;
  return {
    sid: prefix + String(index).padStart(12, '0'),
    dnis: `847555${1000 + ((position * 7) % 9000)}`,
    // A caller who hung up first was not connected.
    number_connected: position % 50 === 49 ? '' : `312555${1000 + ((position * 13) % 9000)}`,
    minutes: minutes ?? (0.1 + ((position * 37) % 600) / 10).toFixed(1),
    date: new Date(day + (86_340 - position * 86) * 1000).toISOString().slice(0, 19).replace('T', ' '),
  };
}

interface Layout {
  /** The first block. */
  readonly template: Bytes;
  /** Start of each record, and the end of the last one. */
  readonly offsets: readonly number[];
  /** Position of the block's number in each sid, and of its day in each date. */
  readonly numbers: readonly number[];
  readonly days: readonly number[];
}

const layouts = new Map<string, Layout>();

function layOut(shape: Shape): Layout {
  const { prefix } = shape;
  const key = `${prefix} ${shape.minutes}`;
  const known = layouts.get(key);
  if (known) return known;
  const records = Array.from({ length: blockSize }, (_, position) => toXml(createRecord(shape, position)));
  const offsets = [0];
  for (const record of records) offsets.push((offsets.at(-1) ?? 0) + record.length);
  const placesOf = (text: string) =>
    records.map((record, position) => (offsets[position] ?? 0) + record.indexOf(text) + text.length);
  const layout = {
    template: encode(records.join('')),
    offsets,
    numbers: placesOf(`<sid>${prefix}`),
    days: placesOf('<date>'),
  };
  layouts.set(key, layout);
  return layout;
}

function createBlock(shape: Shape, block: number): Bytes {
  const { template, numbers, days } = layOut(shape);
  const copy = new Uint8Array(template);
  const number = encode(String(block).padStart(9, '0'));
  const day = encode(createRecord(shape, block * blockSize).date.slice(0, 10));
  for (const place of numbers) copy.set(number, place);
  for (const place of days) copy.set(day, place);
  return copy;
}
