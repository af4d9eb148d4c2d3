/** The gateway reads lists as PHP's simplexml does, which the old clients used; every difference has a warning. */
import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Reading, readList } from '../support/list-reading.ts';
import { notWellFormed, wellFormed } from '../support/not-well-formed.ts';
import { hasPhp, readBySimplexml, type SimplexmlReading } from '../support/simplexml.ts';
import { type SentList, sentLists } from '../support/spoilt-lists.ts';

const count = Number(process.env.LIST_CASES ?? 400);

/** Both ignore text that may precede a document; libxml allows one byte order mark and no white space. */
function withoutStart(bytes: Uint8Array): Uint8Array {
  const start = Buffer.from(bytes).toString('latin1');
  const [narrow = ''] = /^(?:[ \t\r\n](?!\0)|\xef\xbb\xbf)*/.exec(start) ?? [];
  const wide =
    /^\xff\xfe(?:[ \t\r\n]\0|\xff\xfe)*/.exec(start) ?? /^\xfe\xff(?:\0[ \t\r\n]|\xfe\xff)*/.exec(start);
  return wide
    ? Buffer.concat([bytes.subarray(0, 2), bytes.subarray(wide[0].length)])
    : bytes.subarray(narrow.length);
}

const trim = (text: string) => text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '') || null;

function toRows({ recordings }: SimplexmlReading) {
  return recordings
    .map(({ sid, dnis, number_connected, minutes, date }) => ({
      sid: trim(sid),
      dnis: trim(dnis),
      number_connected: trim(number_connected),
      minutes: trim(minutes),
      date: trim(date),
    }))
    .filter(({ sid }) => sid !== null);
}

const ourRows = ({ recordings }: Reading) =>
  recordings.map(({ sid, dnis, number_connected, minutes, date }) => ({
    sid,
    dnis,
    number_connected,
    minutes,
    date,
  }));

/** Documents that the gateway rejects on purpose, although simplexml reads them. */
function isRejected({ root, result, isDoubled, hasDoctype }: SimplexmlReading): boolean {
  return (
    isDoubled || hasDoctype || !/^(?:.*:)?response$/.test(root) || result.trim().toLowerCase() !== 'success'
  );
}

/** Repairs of text that simplexml reads differently, as documented. */
const rereadings = new Set([
  'encoding-mismatch',
  'recording-without-sid',
  'invalid-character',
  'invalid-bytes',
]);

/** libxml reads such a document by its declaration. The gateway repairs its text, but not a name with such a byte. */
function hasForeignName(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('latin1');
  const isMarked = /^\s*\xef\xbb\xbf\s*<\?xml[^>]*encoding=(?!["']utf-?8)/i.test(text);
  return isMarked && /<[^<>!?]*[\x80-\xff]/.test(text) && !isUtf8(bytes);
}

/** Null if both agree, or the warnings name the difference. */
function difference(ours: Reading, theirs: SimplexmlReading | null, bytes: Uint8Array): string | null {
  const codes = new Set(ours.warnings?.map(({ code }) => code));
  if (ours.failure)
    return theirs === null || isRejected(theirs) || hasForeignName(bytes)
      ? null
      : `rejected: ${JSON.stringify(ours.failure)}`;
  const others = [...codes].filter((code) => code !== 'recording-without-sid');
  if (theirs === null) return others.length > 0 ? null : 'accepted in silence';
  if (isRejected(theirs)) return 'accepted though it is to be rejected';
  if ([...codes].some((code) => !rereadings.has(code))) return `repaired though it was read: ${others}`;
  const isSame = JSON.stringify(ourRows(ours)) === JSON.stringify(toRows(theirs));
  const isLeftOut = codes.has('recording-without-sid');
  if (isLeftOut !== toAll(theirs).some(({ sid }) => trim(sid) === null))
    return 'left out a recording, or did not say so';
  return isSame || others.length > 0 ? null : 'other values';
}

const toAll = ({ recordings }: SimplexmlReading) => recordings;

describe.skipIf(!hasPhp)('beside simplexml (needs php-cli and php-xml)', () => {
  test(`${count} lists, good and spoilt, are read alike or with a warning`, () => {
    const lists: SentList[] = fc.sample(sentLists, {
      numRuns: count,
      seed: Number(process.env.LIST_SEED ?? 42),
    });
    const theirs = readBySimplexml(lists.map(({ bytes }) => withoutStart(bytes)));
    const outcomes = { same: 0, warned: 0, rejected: 0 };
    const differences = lists.flatMap(({ bytes, contentType }, at) => {
      const ours = readList(bytes, { contentType, cuts: at % 3 === 0 ? [] : [(at % 50) + 1] });
      outcomes[ours.failure ? 'rejected' : ours.warnings ? 'warned' : 'same'] += 1;
      const what = difference(ours, theirs[at] ?? null, bytes);
      return what === null
        ? []
        : [
            {
              at,
              what,
              contentType,
              xml: Buffer.from(bytes).toString('latin1'),
              ours: ourRows(ours),
              warnings: ours.warnings,
              theirs: theirs[at],
            },
          ];
    });
    if (process.env.LIST_CASES) console.log(outcomes);
    expect(differences.slice(0, Number(process.env.LIST_SHOW ?? 3))).toEqual([]);
    // Each outcome is frequent enough for a meaningful comparison.
    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(count / 20);
  }, 600_000);

  test('simplexml rejects exactly the documents of our table that are not well-formed', () => {
    const bad = notWellFormed.filter(({ xml }) => !xml.endsWith('\0'));
    const read = (rows: readonly { readonly xml: string }[]) =>
      readBySimplexml(rows.map(({ xml }) => new TextEncoder().encode(xml)));
    const readings = read(bad);
    // A document type is well-formed, and still rejected.
    expect(bad.filter((_row, at) => readings[at] && !readings[at].hasDoctype)).toEqual([]);
    const good = read(wellFormed);
    expect(wellFormed.filter((_row, at) => good[at] === null)).toEqual([]);
  });
});
