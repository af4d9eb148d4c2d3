/** Conversion of wall-clock times to instants, in every time zone. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createRecordedAt } from '../../../src/recordings/recorded-at.ts';

describe('a wall-clock time', () => {
  it.each([
    ['in winter', 'America/Chicago', '2019-02-20 20:42:11', '2019-02-20T20:42:11-06:00'],
    ['in summer', 'America/Chicago', '2019-07-20 20:42:11', '2019-07-20T20:42:11-05:00'],
    ['before the clocks skip an hour', 'America/Chicago', '2019-03-10 01:59:59', '2019-03-10T01:59:59-06:00'],
    ['after the skipped hour', 'America/Chicago', '2019-03-10 03:00:00', '2019-03-10T03:00:00-05:00'],
    ['in the skipped hour', 'America/Chicago', '2019-03-10 02:00:00', null],
    ['at its end', 'America/Chicago', '2019-03-10 02:59:59', null],
    ['in the repeated hour', 'America/Chicago', '2019-11-03 01:00:00', '2019-11-03T01:00:00-05:00'],
    ['at its end', 'America/Chicago', '2019-11-03 01:59:59', '2019-11-03T01:59:59-05:00'],
    ['after the repeated hour', 'America/Chicago', '2019-11-03 02:00:00', '2019-11-03T02:00:00-06:00'],
    ['in the half hour that Lord Howe skips', 'Australia/Lord_Howe', '2023-10-01 02:15:00', null],
    ['after that', 'Australia/Lord_Howe', '2023-10-01 02:30:00', '2023-10-01T02:30:00+11:00'],
    [
      'in the half hour that comes twice there',
      'Australia/Lord_Howe',
      '2023-04-02 01:45:00',
      '2023-04-02T01:45:00+11:00',
    ],
    [
      'after the new year in summer',
      'Australia/Lord_Howe',
      '2023-01-01 00:00:00',
      '2023-01-01T00:00:00+11:00',
    ],
    [
      'in Ramadan, when Morocco sets the clocks back',
      'Africa/Casablanca',
      '2023-04-01 12:00:00',
      '2023-04-01T12:00:00+00:00',
    ],
    ['after Ramadan', 'Africa/Casablanca', '2023-05-01 12:00:00', '2023-05-01T12:00:00+01:00'],
    [
      'between two changes a week apart',
      'America/Recife',
      '2000-10-10 12:00:00',
      '2000-10-10T12:00:00-02:00',
    ],
    ['on the day that Samoa skipped', 'Pacific/Apia', '2011-12-30 12:00:00', null],
    ['on the day after', 'Pacific/Apia', '2011-12-31 00:00:00', '2011-12-31T00:00:00+14:00'],
    [
      'in the half hour before the new year that Singapore skipped',
      'Asia/Singapore',
      '1981-12-31 23:45:00',
      null,
    ],
    ['after that', 'Asia/Singapore', '1982-01-01 00:00:00', '1982-01-01T00:00:00+08:00'],
    ['before that', 'Asia/Singapore', '1981-12-31 23:29:59', '1981-12-31T23:29:59+07:30'],
    [
      'where the offset is not a whole hour',
      'Asia/Kathmandu',
      '2019-02-20 20:42:11',
      '2019-02-20T20:42:11+05:45',
    ],
    ['in UTC', 'UTC', '2019-02-20 20:42:11', '2019-02-20T20:42:11+00:00'],
    ['at a fixed offset', '-05:00', '2019-07-20 20:42:11', '2019-07-20T20:42:11-05:00'],
    [
      'where the offset has seconds, which RFC 3339 cannot express',
      'Africa/Monrovia',
      '1971-06-01 00:00:00',
      null,
    ],
    ['without a zone', null, '2019-02-20 20:42:11', null],
    ['on a leap day', 'UTC', '2020-02-29 23:59:59', '2020-02-29T23:59:59+00:00'],
    ['on a leap day of a full century', 'UTC', '2000-02-29 00:00:00', '2000-02-29T00:00:00+00:00'],
  ])('%s gets its offset', (_when, zone, date, recordedAt) => {
    expect(createRecordedAt(zone)(date)).toBe(recordedAt);
  });

  it.each([
    null,
    '',
    'yesterday',
    '2019-02-20',
    '2019-02-20T20:42:11',
    '2019-02-20 20:42',
    '2019-02-20 20:42:11 ',
    ' 2019-02-20 20:42:11',
    '2019-02-20 20:42:11Z',
    '2019-2-20 20:42:11',
    '2019-02-20 20:42:60',
    '2019-02-20 20:60:11',
    '2019-02-20 24:00:00',
    '2019-00-20 20:42:11',
    '2019-13-20 20:42:11',
    '2019-02-00 20:42:11',
    '2019-02-29 20:42:11',
    '2019-04-31 20:42:11',
    '2100-02-29 20:42:11',
    '0000-00-00 00:00:00',
    '1969-12-31 23:59:59',
    '2200-01-01 00:00:00',
    '２０１９-02-20 20:42:11',
    '2019-02-20\u00a020:42:11',
  ])('is null for %j', (date) => {
    expect(createRecordedAt('America/Chicago')(date)).toBeNull();
  });

  test('needs an existing zone', () => {
    expect(() => createRecordedAt('Atlantis/Capital')).toThrow(RangeError);
  });
});

const zones = [
  'America/Chicago',
  'America/New_York',
  'America/St_Johns',
  'America/Recife',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Asia/Kathmandu',
  'Asia/Gaza',
  'Europe/London',
  'Pacific/Apia',
  'UTC',
  '-05:00',
  '+05:45',
];

/** The wall clock in a zone, from the platform for each moment. */
function createClock(timeZone: string): (moment: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (moment) => format.format(moment);
}

const hour = 3_600_000;
const from = Date.UTC(1973, 0, 1);
const to = Date.UTC(2045, 0, 1);

describe.each(zones)('in %s', (zone) => {
  const clock = createClock(zone);
  const recordedAt = createRecordedAt(zone);

  /** About half of the samples are close to a clock change: no change is more than half an hour from some sample. */
  const moments = fc.oneof(
    fc.integer({ min: from / 1000, max: to / 1000 }).map((seconds) => seconds * 1000),
    fc
      .tuple(
        fc.constantFrom(2, 3, 9, 10),
        fc.integer({ min: 2000, max: 2040 }),
        fc.integer({ min: 0, max: 31 * 48 }),
      )
      .map(([month, year, halfHours]) => Date.UTC(year, month, 1) + (halfHours * hour) / 2),
  );

  test('every moment is found again as the first one that its clock shows', () => {
    fc.assert(
      fc.property(moments, (moment) => {
        const date = clock(moment);
        const found = recordedAt(date);
        const time = Date.parse(found ?? '');
        expect(found?.slice(0, 19)).toBe(date.replace(' ', 'T'));
        expect(clock(time)).toBe(date);
        expect(time).toBeLessThanOrEqual(moment);
        // Clocks never go back by more than a day, so no earlier moment shows the same time.
        for (const back of [0.5, 1, 2, 24]) expect(clock(time - back * hour)).not.toBe(date);
      }),
      { numRuns: 500 },
    );
  });

  test('a time is null exactly if no moment shows it', () => {
    const wall = moments.map((moment) => new Date(moment).toISOString().slice(0, 19).replace('T', ' '));
    fc.assert(
      fc.property(wall, (date) => {
        const asUtc = Date.parse(`${date.replace(' ', 'T')}Z`);
        const shown = Array.from({ length: 4 * 27 }, (_, quarter) => asUtc + (quarter - 14 * 4) * (hour / 4));
        expect(recordedAt(date) === null).toBe(!shown.some((moment) => clock(moment) === date));
      }),
      { numRuns: 100 },
    );
  });
});
