/** The content of a fresh emulator: three accounts, the recordings of the vendor's page, and some for special cases. */
import type { Account, AccountKeys } from './account.ts';
import type { GeneratedKind } from './generated-list.ts';

/** The page's own keys, and two accounts whose keys have the real length and every character that must be percent-encoded. */
export const accountKeys: readonly AccountKeys[] = [
  { name: 'page', accessKey: 'foofoofoo', secretAccessKey: 'foobarfoo' },
  {
    name: 'north',
    accessKey: 'n0rth+acce55/key=with&every%char?that#needs;enc0ding+and+64+long',
    secretAccessKey: 'n0rth/secret+key%20with%2Bescapes=that&look=decoded:twice@64+abc',
  },
  {
    name: 'south',
    accessKey: 's0uth%acce55&key=a+b/c==aGVsbG8gd29ybGQ+Pz8/Pj4+Pj8/Pz8=01234567',
    secretAccessKey: 's0uth=secret&action=recording.remove&sid=1+1%00%0a%0d%zz/..//12?',
  },
];

/** Recordings of every account from the start, by purpose. */
export const sids = {
  /** The two of the page's list, findme 1234. */
  listed: ['0932654521723728', '123456789101112'],
  /** The one of the page's download and removal, in the list recorded_calls 1234. */
  playable: '0907065723240097',
  /** In the list queue 1234, like the following ones: ready at the third request. */
  processing: '0907065723240202',
  alwaysProcessing: '0907065723240203',
  retrievalFails: '0907065723240404',
  removalFails: '0907065723240405',
  /** An hour, 57.6 MB as WAV at 8,000 samples a second. */
  hour: '0907065723243600',
  unknown: '0000000000000000',
} as const;

/** Every account has these powerdialer lists, with the count as id. */
const generatedCounts = [1000, 10_000, 100_000, 1_000_000];

/** The list of an export: as large as a small customer's, of calls so short that all of it is 320 MB. */
export const exportable = { type: 'recorded_calls', id: '10000', count: 10_000 } as const;

/** Of a thousand recordings, one is still being processed for two requests, and one cannot be downloaded. */
const exportableKind: GeneratedKind = {
  seconds: 2,
  special(index) {
    if (index % 1000 === 100) return { asksUntilReady: 2 };
    return index % 1000 === 200 ? { retrievalFails: true } : null;
  },
};

/** Resets the account to its initial content. */
export function seed(account: Account): void {
  account.clear();
  const [first, second] = sids.listed;
  account.add('findme', '1234', { sid: first, minutes: '5.3', date: '2019-02-20 20:42:11' });
  account.add('findme', '1234', { sid: second, minutes: '12.1', date: '2019-01-20 07:09:55' });
  account.add('recorded_calls', '1234', { sid: sids.playable });
  account.add('queue', '1234', { sid: sids.processing, asksUntilReady: 2 });
  account.add('queue', '1234', { sid: sids.alwaysProcessing, asksUntilReady: Number.POSITIVE_INFINITY });
  account.add('queue', '1234', { sid: sids.retrievalFails, retrievalFails: true });
  account.add('queue', '1234', { sid: sids.removalFails, removalFails: true });
  account.add('queue', '1234', { sid: sids.hour, minutes: '60.0' });
  for (const count of generatedCounts) account.generate('powerdialer', String(count), count);
  account.generate(exportable.type, exportable.id, exportable.count, exportableKind);
}
