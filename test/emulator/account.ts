/** One customer of the emulated vendor: its keys and its recordings. */
import { type AudioFormat, createAudio, createFixed } from './audio.ts';
import { type Bytes, encode } from './bytes.ts';
import { createGeneratedList, type GeneratedKind, type GeneratedList } from './generated-list.ts';
import { createRecording, type NewRecording, type Recording, toXml } from './recording.ts';
import type { AudioFile } from './repeating.ts';
import type { StoredUpload } from './vendor-fetch.ts';

export interface AccountKeys {
  readonly name: string;
  readonly accessKey: string;
  readonly secretAccessKey: string;
}

export interface Account extends AccountKeys {
  /** Adds a recording to the list of `type` and `id`, replacing one with the same sid. */
  add(type: string, id: string, recording: NewRecording): Recording;
  /** Appends `count` generated recordings to that list; none of them is held in memory. */
  generate(type: string, id: string, count: number, kind?: GeneratedKind): GeneratedList;
  find(sid: string): Recording | null;
  /** Removed at `time` (milliseconds since 1970; default now) from list, download and removal. */
  remove(sid: string, time?: number): void;
  /** Carries out deferred removals now. */
  sweep(): void;
  /** The XML of all records of a list, or null for an empty list. */
  records(type: string, id: string): ListContent | null;
  /** The bytes of a download: an upload is returned unchanged, except in another format. */
  audio(sid: string, format: AudioFormat, rate: number): AudioFile;
  /** All accepted uploads, oldest first. */
  readonly uploads: StoredUpload[];
  /** Clears everything except the keys. */
  clear(): void;
}

interface ListContent {
  readonly length: number;
  chunks(): Iterable<Bytes>;
}

interface List {
  readonly plain: Map<string, Recording>;
  generated: GeneratedList | null;
  kind: GeneratedKind;
  /** Generated recordings that behave in a special way, once they are requested. */
  readonly specials: Map<string, Recording>;
}

const recordsPerChunk = 500;

export function createAccount(keys: AccountKeys, now: () => number): Account {
  const lists = new Map<string, List>();
  /** The time at which each removed recording disappears, by sid. */
  const removals = new Map<string, number>();
  let generatedLists = 0;

  const isGone = (sid: string) => (removals.get(sid) ?? Number.POSITIVE_INFINITY) <= now();

  function listOf(type: string, id: string): List {
    const key = `${type}/${id}`;
    const list = lists.get(key) ?? { plain: new Map(), generated: null, kind: {}, specials: new Map() };
    lists.set(key, list);
    return list;
  }

  function find(sid: string): Recording | null {
    if (isGone(sid)) return null;
    for (const { plain, generated, kind, specials } of lists.values()) {
      const recording = plain.get(sid) ?? specials.get(sid);
      if (recording) return recording;
      const index = generated?.indexOf(sid) ?? null;
      if (!generated || index === null) continue;
      const { seconds } = kind;
      const special = kind.special?.(index) ?? null;
      const listed = { ...generated.recordingAt(index), ...(seconds !== undefined && { seconds }) };
      if (!special) return createRecording(listed);
      const made = createRecording({ ...listed, ...special });
      specials.set(sid, made);
      return made;
    }
    return null;
  }

  function goneOf(generated: GeneratedList): Set<number> {
    const indexes = Array.from(removals.keys()).filter(isGone).map(generated.indexOf);
    return new Set(indexes.filter((index) => index !== null));
  }

  const uploads: StoredUpload[] = [];

  return {
    ...keys,
    uploads,
    find,
    clear() {
      lists.clear();
      removals.clear();
      uploads.length = 0;
      generatedLists = 0;
    },
    add(type, id, given) {
      const recording = createRecording(given);
      listOf(type, id).plain.set(recording.sid, recording);
      removals.delete(recording.sid);
      return recording;
    },
    generate(type, id, count, kind = {}) {
      const generated = createGeneratedList(count, generatedLists++, kind);
      Object.assign(listOf(type, id), { generated, kind });
      return generated;
    },
    remove(sid, time = now()) {
      removals.set(sid, Math.min(time, removals.get(sid) ?? time));
    },
    sweep() {
      for (const sid of removals.keys()) removals.set(sid, now());
    },
    records(type, id) {
      const list = lists.get(`${type}/${id}`);
      const plain = Array.from(list?.plain.values() ?? []).filter(({ sid }) => !isGone(sid));
      plain.sort((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));
      const texts: Bytes[] = [];
      for (let from = 0; from < plain.length; from += recordsPerChunk) {
        texts.push(
          encode(
            plain
              .slice(from, from + recordsPerChunk)
              .map(toXml)
              .join(''),
          ),
        );
      }
      const generated = list?.generated ?? null;
      const gone = generated ? goneOf(generated) : new Set<number>();
      if (plain.length === 0 && (generated === null || generated.count === gone.size)) return null;
      return {
        length: texts.reduce((sum, text) => sum + text.length, generated?.length(gone) ?? 0),
        *chunks() {
          yield* texts;
          if (generated) yield* generated.chunks(gone);
        },
      };
    },
    audio(sid, format, rate) {
      const recording = find(sid);
      const content = recording?.upload?.content;
      if (content?.bytes && content.format === format) return createFixed(content.bytes, format);
      return createAudio(format, { seed: `${keys.name}/${sid}`, rate, seconds: recording?.seconds ?? 4 });
    },
  };
}
