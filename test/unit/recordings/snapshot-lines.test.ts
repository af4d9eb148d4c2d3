/** Lines of a snapshot, and the part of a page that is copied from them. */
import { describe, expect, test } from 'vitest';
import { joinStored, parseLines } from '../../../src/recordings/snapshot-lines.ts';

const toLine = (sid: string) => JSON.stringify({ sid, dnis: null, date: '2019-02-20 20:42:11' });
const encode = (lines: readonly string[]) =>
  new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
const parse = (sids: readonly string[], offset = 0) =>
  parseLines(encode(sids.map(toLine)), offset).recordings;
const sidsOf = (joined: Uint8Array) =>
  JSON.parse(`[${new TextDecoder().decode(joined)}]`).map(({ sid }: { sid: string }) => sid);

describe('recordings of a snapshot', () => {
  test.each([
    ['ASCII', ['1', '2', '3']],
    ['other characters', ['é☃', '2', '\u{1f600}']],
    ['escapes', ['a"b\\', 'line\nfeed', '3']],
  ])('are joined as they are stored: %s', (_, sids) => {
    expect(sidsOf(joinStored(parse(sids)))).toEqual(sids);
  });

  test.each([
    ['none', []],
    ['the first', ['1']],
    ['the last', ['5']],
    ['every other', ['1', '3', '5']],
    ['neighbours with a gap', ['1', '2', '4', '5']],
  ])('are joined where a page has only some of them: %s', (_, wanted) => {
    const some = parse(['1', '2', '3', '4', '5']).filter(({ sid }) => wanted.includes(sid));
    expect(sidsOf(joinStored(some))).toEqual(wanted);
  });

  test('are joined across two reads of the store', () => {
    expect(sidsOf(joinStored([...parse(['1', '2']), ...parse(['3', '4'], 200)]))).toEqual([
      '1',
      '2',
      '3',
      '4',
    ]);
  });

  test('begin at the line of their warnings, and are joined without it', () => {
    const warnings = [{ code: 'omitted', sid: null }];
    const lines = [toLine('1'), JSON.stringify(warnings), toLine('☃'), toLine('3')];
    const { recordings } = parseLines(encode(lines), 1000);
    const lengths = lines.map((line) => encode([line]).length);
    const offsets = [
      1000,
      1000 + Number(lengths[0]),
      1000 + lengths.slice(0, 3).reduce((sum, each) => sum + each, 0),
    ];
    expect(recordings.map(({ offset }) => offset)).toEqual(offsets);
    expect(recordings.map((recording) => recording.warnings)).toEqual([undefined, warnings, undefined]);
    expect(sidsOf(joinStored(recordings))).toEqual(['1', '☃', '3']);
  });

  test('leave the bytes that they come from unchanged', () => {
    const bytes = encode([toLine('1'), toLine('2')]);
    const before = bytes.slice();
    joinStored(parseLines(bytes, 0).recordings);
    expect(bytes).toEqual(before);
  });
});
