/** The recording that clients receive, converted from the legacy record. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type RecordingFields, toLegacyRecording } from '../../../src/legacy/list/recording.ts';
import { createRecordedAt } from '../../../src/recordings/recorded-at.ts';
import { toJsonLine, toRecording } from '../../../src/recordings/recording.ts';

const recordedAt = createRecordedAt('America/Chicago');

const raw: RecordingFields = {
  sid: '0932654521723728',
  dnis: '8475551234',
  number_connected: '3125551265',
  minutes: '5.3',
  date: '2019-02-20 20:42:11',
};

test('a recording has the legacy names and the derived values', () => {
  expect(toRecording(toLegacyRecording(raw), recordedAt)).toEqual({
    sid: '0932654521723728',
    dnis: '8475551234',
    number_connected: '3125551265',
    minutes: 5.3,
    duration_seconds: 318,
    date: '2019-02-20 20:42:11',
    recorded_at: '2019-02-20T20:42:11-06:00',
    audio_url: '/recordings/0932654521723728/audio',
  });
});

test('a value that the legacy service omits is null', () => {
  const silent = toLegacyRecording({
    sid: '1',
    dnis: null,
    number_connected: null,
    minutes: null,
    date: null,
  });
  expect(toJsonLine(silent, createRecordedAt(null))).toBe(
    '{"sid":"1","dnis":null,"number_connected":null,"minutes":null,"duration_seconds":null,"date":null,"recorded_at":null,"audio_url":"/recordings/1/audio"}',
  );
});

describe('the length of a recording', () => {
  it.each([
    ['5.3', 5.3, 318],
    ['12.1', 12.1, 726],
    ['0', 0, 0],
    ['0.0', 0, 0],
    ['0.1', 0.1, 6],
    ['007.50', 7.5, 450],
    ['0.025', 0.025, 2],
    ['999999999.999999999', 1000000000, 60000000000],
    ['1e5', null, null],
    ['0x1F', null, null],
    ['-1', null, null],
    ['+1', null, null],
    ['.5', null, null],
    ['5.', null, null],
    ['5,3', null, null],
    ['5.3.1', null, null],
    [' 5.3', null, null],
    ['٥', null, null],
    ['9'.repeat(400), null, null],
    ['Infinity', null, null],
    [null, null, null],
  ])('%s', (text, minutes, duration_seconds) => {
    expect(toRecording(toLegacyRecording({ ...raw, minutes: text }), recordedAt)).toMatchObject({
      minutes,
      duration_seconds,
    });
  });
});

const text = fc.oneof(
  fc.stringMatching(/^[0-9]{1,16}$/),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"', '\\', '\n', '\u2028', '\u007f', '\0', '😀', '</script>', '__proto__'),
);

/** Decoded text has no lone surrogates, but text in memory may. */
const anyText = fc.oneof(
  { weight: 9, arbitrary: text },
  { weight: 1, arbitrary: fc.constantFrom('\ud83d', '\udc00x') },
);

const recordings = fc
  .record({
    sid: text,
    dnis: fc.option(anyText),
    number_connected: fc.option(anyText),
    minutes: fc.option(
      fc.oneof(
        fc.stringMatching(/^[0-9]{1,9}\.[0-9]{1,9}$/),
        fc.stringMatching(/^[0-9]{1,3}(\.[0-9])?$/),
        text,
      ),
    ),
    date: fc.option(
      fc.oneof(
        fc
          .date({ min: new Date('1960-01-01'), max: new Date('2210-01-01'), noInvalidDate: true })
          .map((date) => date.toISOString().slice(0, 19).replace('T', ' ')),
        anyText,
      ),
    ),
  })
  .map(toLegacyRecording);

test.each(['America/Chicago', 'Asia/Kathmandu', null])(
  'a line is equal to JSON.stringify of the recording, zone %s',
  (zone) => {
    const here = createRecordedAt(zone);
    fc.assert(
      fc.property(recordings, (recording) => {
        const expected = JSON.stringify(toRecording(recording, here));
        expect(toJsonLine(recording, here)).toBe(expected);
        // The second call uses the cache.
        expect(toJsonLine(recording, here)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  },
);
