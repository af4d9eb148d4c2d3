/** Converts a list of 10,000 from XML to JSON lines, beside the obvious parsers. */
import { XMLParser } from 'fast-xml-parser';
import { SaxesParser } from 'saxes';
import { createRecordReader } from '../../src/legacy/list/record-reader.ts';
import type { LegacyRecording } from '../../src/legacy/list/recording.ts';
import type { RecordBatches } from '../../src/legacy/list/records.ts';
import { openExport } from '../../src/recordings/export-lines.ts';
import { createRecordedAt } from '../../src/recordings/recorded-at.ts';
import { toJsonLine } from '../../src/recordings/recording.ts';
import { measureInTurn } from './in-turn.ts';
import { createListDocument } from './list-document.ts';
import type { Row } from './row.ts';

const count = 10_000;
/** Bytes of a list per read. */
const pieceSize = 64 * 1024;
const recordedAt = createRecordedAt('America/Chicago');

/** All public fields, with the code of exports. */
async function convert(document: Uint8Array): Promise<Uint8Array> {
  const toLine = (recording: LegacyRecording) => toJsonLine(recording, recordedAt);
  const lines = await openExport(read(document), { isWanted: () => true, toLine });
  return await new Response(lines).bytes();
}

async function* read(document: Uint8Array): RecordBatches {
  const reader = createRecordReader({ status: 200, contentType: 'text/xml', retryAfter: null });
  for (let from = 0; from < document.length; from += pieceSize) {
    yield reader.push(document.subarray(from, from + pieceSize));
  }
  yield reader.end();
  return reader.lastWarnings;
}

/** Only the parser's result for a recording, without converted numbers, dates or URLs. */
function convertByFxp(document: Uint8Array, options: { parseTagValue: boolean }): Uint8Array {
  const { response } = new XMLParser(options).parse(new TextDecoder().decode(document));
  return encode(response.data.recording.map((recording: unknown) => JSON.stringify(recording)));
}

function convertBySaxes(document: Uint8Array): Uint8Array {
  const lines: string[] = [];
  let recording: Record<string, string> = {};
  let text = '';
  const parser = new SaxesParser();
  parser.on('opentag', ({ name }) => {
    if (name === 'recording') recording = {};
    text = '';
  });
  parser.on('text', (part) => {
    text += part;
  });
  parser.on('closetag', ({ name }) => {
    if (name === 'recording') lines.push(JSON.stringify(recording));
    else recording[name] = text;
  });
  parser.write(new TextDecoder().decode(document)).close();
  return encode(lines);
}

function encode(lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
}

type Convert = (document: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** In megabytes of XML per second, over `times` consecutive conversions. */
async function measure(document: Uint8Array, times: number, convert: Convert): Promise<number> {
  let lines: Uint8Array = new Uint8Array();
  const startedAt = performance.now();
  for (let time = 0; time < times; time += 1) lines = await convert(document);
  const elapsed = performance.now() - startedAt;
  if (lines.filter((byte) => byte === 0x0a).length !== count) throw new Error('Lines are missing.');
  return (document.length * times) / 1000 / elapsed;
}

export const conversion: Row = {
  name: 'conversion',
  async measure() {
    const document = createListDocument(count);
    const measured = await measureInTurn(
      {
        ours: () => measure(document, 20, convert),
        'fast-xml-parser, its defaults': () =>
          measure(document, 1, (list) => convertByFxp(list, { parseTagValue: true })),
        'fast-xml-parser, parseTagValue: false': () =>
          measure(document, 1, (list) => convertByFxp(list, { parseTagValue: false })),
        saxes: () => measure(document, 3, convertBySaxes),
      },
      7,
    );
    const against = (name: Parameters<typeof measured.median>[0]) => ({
      what: `${count.toLocaleString('en-US')} recordings to JSON lines`,
      value: measured.median('ours'),
      unit: 'MB/s',
      peer: { name, value: measured.median(name) },
      ratio: measured.ratio('ours', name),
    });
    return [
      { ...against('fast-xml-parser, its defaults'), goal: { atLeast: 15 } },
      { ...against('fast-xml-parser, parseTagValue: false'), goal: { atLeast: 15 } },
      against('saxes'),
    ];
  },
};
