/**
 * The documented responses, damaged at random: `MUTATIONS=200000 npm test -- mutations` for a long run. Two
 * independent readers check what ours accepts: one whether it is XML, the other what it says.
 */
import { XMLParser } from 'fast-xml-parser';
import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { LegacyError } from '../../src/legacy/failure.ts';
import { toLegacyRecording } from '../../src/legacy/list/recording.ts';
import { type Envelope, parseEnvelope } from '../../src/legacy/response/envelope.ts';
import { createXmlDecoder } from '../../src/legacy/xml/charset.ts';
import { createRandom } from '../emulator/random.ts';
import { measureCpu } from '../support/cpu-time.ts';
import { readList } from '../support/list-reading.ts';

const runs = Number(process.env.MUTATIONS ?? 20_000);
const batch = 10_000;

/** In milliseconds of CPU time, for any document of this size. */
const limit = 50;

const failures = [
  'The requested recording is currently being processed by the system. Please check back later.',
  'Parameter sid is required',
  'Invalid api_key',
  'File not found',
  'No results returned',
].map(
  (text) =>
    `<response>\n<result>failed</result>\n<result_description>${text}</result_description>\n</response>\n`,
);

const recording = (sid: string, minutes: string, date: string) =>
  `<recording>\n<sid>${sid}</sid>\n<dnis>8475551234</dnis>\n<number_connected>3125551265</number_connected>\n<minutes>${minutes}</minutes>\n<date>${date}</date>\n</recording>\n`;

const recordings = [
  recording('0932654521723728', '5.3', '2019-02-20 20:42:11'),
  recording('123456789101112', '12.1', '2019-01-20 07:09:55'),
];

const list = `<response>\n<result>success</result>\n<result_description></result_description>\n<data>\n${recordings.join('')}</data>\n</response>\n`;

/** The same list in other forms that the service may send. */
const variants = [
  `<?xml version="1.0" encoding="UTF-8"?>\n<!-- list -->${list}`,
  list.replace('<sid>0', '<sid><![CDATA[0]]>').replace('847', '&#56;47'),
  list.replace('<recording>', '<recording id="1">').replace('<minutes>5.3</minutes>', '<minutes/>'),
  `\ufeff${list}`,
];

const toUtf16 = (text: string) =>
  new Uint8Array(Uint16Array.from(`\ufeff${text}`, (char) => char.charCodeAt(0)).buffer);

const documents = [
  ...[list, list, list, ...variants, ...failures].map((text) => new TextEncoder().encode(text)),
  toUtf16(list),
];

const tokens = [
  '1',
  ' ',
  '\n',
  '<x/>',
  '<!-- x -->',
  '<?p q?>',
  '<date/>',
  '<x><sid>1</sid></x>',
  '<',
  '>',
  '&',
  '&amp;',
  '&#0;',
  '&#x41;',
  '&e;',
  ']]>',
  '<![CDATA[',
  '<!--',
  '-->',
  '--',
  '<?',
  '?>',
  '<?xml version="1.0"?>',
  '<!DOCTYPE a [<!ENTITY e "x">]>',
  '</recording>',
  '<recording>',
  '<data>',
  '</data>',
  '</response>',
  '<result>',
  '</result>',
  'success',
  'failed',
  '<sid>',
  '<sid/>',
  '</sid>',
  '"',
  "'",
  '=',
  '/',
  ' a="1"',
  ' a=1',
  '\ufeff',
  '\0',
  '\r',
  '\u0085',
  '😀',
  'é',
];

/** A number from 0 up to and excluding `end`. */
type Random = (end: number) => number;

function seeded(seed: number): Random {
  const random = createRandom(seed);
  return (end) => Math.floor(random() * end);
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

const mutations: readonly ((bytes: Uint8Array, random: Random) => Uint8Array<ArrayBuffer>)[] = [
  (bytes, random) => splice(bytes, random, 0, bytesOf(tokens[random(tokens.length)] ?? '')),
  (bytes, random) => splice(bytes, random, 1, bytesOf(tokens[random(tokens.length)] ?? '')),
  (bytes, random) => splice(bytes, random, 1, Uint8Array.of(random(256))),
  (bytes, random) => splice(bytes, random, 1, Uint8Array.of(0x20 + random(95))),
  (bytes, random) => splice(bytes, random, 1 + random(random(2) === 0 ? 3 : 300), new Uint8Array()),
  (bytes, random) => splice(bytes, random, random(40), pick(bytes, random)),
  (bytes, random) =>
    splice(
      bytes,
      random,
      0,
      Uint8Array.from(Array.from({ length: 40 }, () => [...pick(bytes, random)]).flat()),
    ),
  (bytes, random) => bytes.slice(0, bytes.length - random(random(2) === 0 ? 20 : bytes.length)),
];

/** Replaces this many bytes at a random position by `inserted`. */
function splice(bytes: Uint8Array, random: Random, deleted: number, inserted: Uint8Array) {
  const at = random(bytes.length + 1);
  return Uint8Array.of(...bytes.subarray(0, at), ...inserted, ...bytes.subarray(at + deleted));
}

function pick(bytes: Uint8Array, random: Random) {
  const at = random(bytes.length + 1);
  return bytes.subarray(at, at + 1 + random(random(2) === 0 ? 10 : 200));
}

const contentTypes = [
  'text/xml; charset=utf-8',
  'text/html; charset=ISO-8859-1',
  'text/xml; charset=utf-16le',
];

interface Answer {
  readonly bytes: Uint8Array;
  readonly contentType: string | null;
  readonly cuts: readonly number[];
}

function createAnswer(random: Random): Answer {
  let bytes = documents[random(documents.length)] ?? new Uint8Array();
  for (let left = 1 + random(2) * random(3); left > 0; left -= 1) {
    bytes = mutations[random(mutations.length)]?.(bytes, random) ?? bytes;
  }
  return {
    bytes,
    contentType: random(10) === 0 ? (contentTypes[random(contentTypes.length)] ?? null) : null,
    cuts: Array.from({ length: random(4) }, () => 1 + random(200)),
  };
}

/** Well-formed and without a document type. Throws otherwise. */
function assertXml(text: string): void {
  const parser = new SaxesParser();
  parser.on('doctype', () => {
    throw new Error('a document type');
  });
  parser.write(text).close();
}

function isXml(text: string): boolean {
  try {
    assertXml(text);
    return true;
  } catch {
    return false;
  }
}

/** Bytes outside the encoding leave markers in the text, which XML forbids. */
function toText({ bytes, contentType }: Answer): string {
  const decoder = createXmlDecoder(contentType);
  return decoder.decode(bytes) + decoder.end();
}

/** The text of an element without that of nested elements. */
function ownText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const { '#text': text } = Object(value);
  return typeof text === 'string' ? text : undefined;
}

const judge = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  ignorePiTags: true,
  strictReservedNames: false,
  isArray: (name) => name === 'recording',
});

/** Reads with fast-xml-parser, which shares no code with our list reader. */
function readByOther(answer: Answer) {
  const text = toText(answer);
  assertXml(text);
  const { response } = judge.parse(text);
  const trim = (value: unknown) => ownText(value)?.replace(/^[ \t\n]+|[ \t\n]+$/g, '') || null;
  const found: Record<string, unknown>[] = response.data?.recording ?? [];
  return found.map(({ sid, dnis, number_connected, minutes, date }) =>
    toLegacyRecording({
      // A recording without one is omitted.
      sid: trim(sid) ?? '',
      dnis: trim(dnis),
      number_connected: trim(number_connected),
      minutes: trim(minutes),
      date: trim(date),
    }),
  );
}

function readEnvelope({ bytes, contentType }: Answer): Envelope | null {
  try {
    return parseEnvelope(bytes, { status: 200, contentType });
  } catch (error) {
    if (error instanceof LegacyError) return null;
    throw error;
  }
}

/** The fastest of several runs, since other work slows some down. In milliseconds. */
function measure<T>(read: () => T): { found: T; time: number } {
  for (let attempt = 1; ; attempt += 1) {
    const { result: found, cpuMs: time } = measureCpu(read);
    if (time < limit || attempt === 5) return { found, time };
  }
}

test.each(Array.from({ length: Math.ceil(runs / batch) }, (_, seed) => [seed]))(
  'damaged responses are rejected, or read the same by every reader: seed %i',
  (seed) => {
    const random = seeded(seed);
    let accepted = 0;
    for (let run = 0; run < batch; run += 1) {
      const answer = createAnswer(random);
      if (assertSound(answer)) accepted += 1;
    }
    // If all were rejected, the test would prove nothing.
    expect(accepted).toBeGreaterThan(batch / 40);
  },
  60_000,
);

/** Whether the response was accepted as a list. */
function assertSound(answer: Answer): boolean {
  const told = `${JSON.stringify(new TextDecoder().decode(answer.bytes))} ${answer.contentType} ${answer.cuts}`;
  const { time, found } = measure(() => ({
    list: readList(answer.bytes, answer),
    envelope: readEnvelope(answer),
  }));
  expect(time, told).toBeLessThan(limit);
  if (found.envelope?.result === 'failed') expect(found.list.recordings, told).toEqual([]);
  if (found.list.failure) return false;
  expect(found.envelope?.result, told).toBe('success');
  const codes = found.list.warnings?.map(({ code }) => code) ?? [];
  const isRepaired = codes.some((code) => code !== 'recording-without-sid');
  expect(isXml(toText(answer)), told).toBe(!isRepaired);
  if (isRepaired) return true;
  const others = readByOther(answer);
  const listed = others.filter(({ sid }) => sid !== '');
  expect(codes.length > 0, told).toBe(listed.length < others.length);
  expect(
    found.list.recordings.map(({ warnings: _, ...recording }) => recording),
    told,
  ).toEqual(listed);
  return true;
}
