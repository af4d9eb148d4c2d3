/** The lines of a manifest as CSV: RFC 4180, and text that no spreadsheet runs. */
import { expect, test } from 'vitest';
import { csvHeader, fromLines, toCsvLine, toLines, toManifestRow } from '../../../src/exports/rows.ts';

const planned = {
  ...{ sid: '0907', type: 'findme', id: '1234' },
  ...{ dnis: '=1+1', number_connected: 'a "b", c', minutes: '-1', date: '2019-02-20 20:42:11' },
};
const copy = {
  key: 'a/b.wav',
  bytes: 7,
  sha256: 'ff',
  copied_at: '2026-11-27T12:00:00.000Z',
  is_end_unclear: false,
};
const form = { format: 'wav', sampleRateHz: 8000, recordedAt: () => '2019-02-20T20:42:11-06:00' } as const;

test('a row has what was received, and what the copy is', () => {
  const row = toManifestRow(planned, { line: 0, outcome: 'copied', problem: null, copy }, form);
  const { type: _type, id: _id, ...legacy } = planned;
  expect(row).toMatchObject({ sid: '0907', key: 'a/b.wav', sha256: 'ff', bytes: 7, legacy, problem: null });
  expect(fromLines(toLines([row, row]))).toEqual([row, row]);
});

test('a cell is quoted where it must be, and begins with an apostrophe where it would be a formula', () => {
  const row = toManifestRow(
    planned,
    { line: 0, outcome: 'failed', problem: 'legacy-timeout', copy: null },
    form,
  );
  expect(toCsvLine(row)).toBe(
    `0907,findme,1234,failed,/problems/legacy-timeout,,,,wav,8000,2019-02-20T20:42:11-06:00,,false,'=1+1,"a ""b"", c",'-1,2019-02-20 20:42:11\r\n`,
  );
  expect(csvHeader.trim().split(',')).toHaveLength(17);
});

test.each(['=x', '+x', '-x', '@x', '\tx', '\rx', '\nx', '＝x', '＋x', '－x', '＠x'])(
  '%j is made text',
  (dnis) => {
    const row = toManifestRow(
      { ...planned, dnis },
      { line: 0, outcome: 'waiting', problem: null, copy: null },
      form,
    );
    expect(toCsvLine(row)).toContain(`'${dnis}`);
  },
);
