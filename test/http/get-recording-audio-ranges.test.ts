/** Ranges of audio without a store: cut by the gateway, or by the legacy service if its response is credible. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sids } from '../emulator/seeds.ts';
import {
  answerSound,
  createAsk,
  createSound,
  getBytes,
  isSame,
  rangeText,
  type SoundOptions,
  soundLength,
  toExpected,
} from '../support/audio-cases.ts';
import { basic, startGateway } from '../support/harness.ts';

interface Legacy {
  sound: Uint8Array<ArrayBuffer>;
  options: SoundOptions;
  readonly asked: Request[];
}

async function startLegacy(options: SoundOptions, length = 5000) {
  const legacy: Legacy = { sound: createSound(length), options, asked: [] };
  const gateway = await startGateway({
    legacy: (request) => {
      legacy.asked.push(request);
      return answerSound(request, legacy.sound, legacy.options);
    },
  });
  return { legacy, ask: createAsk(gateway, '0907065723240097') };
}

/** Like a legacy service that follows the RFC. */
function cutRightly(sound: Uint8Array<ArrayBuffer>, range: string): Response {
  const { status, start, end } = toExpected(range, sound.length);
  if (status === 416) {
    return new Response('no', { status, headers: { 'Content-Range': `bytes */${sound.length}` } });
  }
  const headers = { 'Content-Range': `bytes ${start}-${end - 1}/${sound.length}` };
  return new Response(sound.slice(start, end), { status, headers });
}

/** Cuts correctly, then states something else. */
function cutWrongly(
  change: (part: Response, sound: Uint8Array<ArrayBuffer>) => Response | Promise<Response>,
) {
  return (sound: Uint8Array<ArrayBuffer>, range: string) =>
    change(cutRightly(sound, range), sound) as Response;
}

function relabel(name: string, value: string) {
  return cutWrongly((part) => {
    part.headers.set(name, value);
    return part;
  });
}

const ways: [string, SoundOptions][] = [
  ['a declared length', { declared: true }],
  ['a declared length, and ranges of its own', { declared: true, cut: cutRightly }],
  ['no length, and ranges of its own', { declared: false, cut: cutRightly }],
];

describe('a range', () => {
  test.each(ways)(
    'is the slice of the whole, from a legacy service with %s',
    async (_way, options) => {
      const { legacy, ask } = await startLegacy(options);
      await fc.assert(
        fc.asyncProperty(soundLength, rangeText, async (length, range) => {
          legacy.sound = createSound(length);
          const response = await ask({ Range: range });
          const bytes = await getBytes(response);
          const { status, start, end } = toExpected(range, length);
          // Without a length only bytes that certainly exist can be stated, unless the legacy service states it.
          if (!options.declared && response.status === 200) {
            expect(isSame(bytes, legacy.sound)).toBe(true);
            return;
          }
          if (!options.declared && /^bytes \d+-\d+\/\*$/.test(response.headers.get('Content-Range') ?? '')) {
            expect(isSame(bytes, legacy.sound.slice(start, end))).toBe(true);
            return;
          }
          expect(response.status).toBe(status);
          if (status === 416) {
            expect(response.headers.get('Content-Range')).toBe(`bytes */${length}`);
            return;
          }
          expect(response.headers.get('Content-Length')).toBe(String(end - start));
          const stated = status === 206 ? `bytes ${start}-${end - 1}/${length}` : null;
          expect(response.headers.get('Content-Range')).toBe(stated);
          expect(isSame(bytes, legacy.sound.slice(start, end))).toBe(true);
        }),
        { numRuns: 150 },
      );
    },
    60_000,
  );

  test('of an unknown length is stated as far as it is certain, otherwise the whole is sent', async () => {
    const { legacy, ask } = await startLegacy({ declared: false });
    await fc.assert(
      fc.asyncProperty(soundLength, rangeText, async (length, range) => {
        legacy.sound = createSound(length);
        const response = await ask({ Range: range });
        const bytes = await getBytes(response);
        if (response.status === 200) {
          expect(response.headers.has('Content-Range')).toBe(false);
          expect(response.headers.has('Accept-Ranges')).toBe(false);
          expect(isSame(bytes, legacy.sound)).toBe(true);
          return;
        }
        const { start, end } = toExpected(range, length);
        expect(response.status).toBe(206);
        expect(response.headers.get('Content-Range')).toBe(`bytes ${start}-${end - 1}/*`);
        expect(isSame(bytes, legacy.sound.slice(start, end))).toBe(true);
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('of the first two bytes is a part even if the length is unknown', async () => {
    const { ask } = await startLegacy({ declared: false });
    const response = await ask({ Range: 'bytes=0-1' });
    expect(response.status).toBe(206);
    expect(response.headers.get('Content-Range')).toBe('bytes 0-1/*');
    expect(new TextDecoder().decode(await getBytes(response))).toBe('RI');
  });

  test.each([
    ['several', 'bytes=0-99, 200-299'],
    ['a thousand', `bytes=${Array.from({ length: 1000 }, (_, index) => `${index}-${index}`)}`],
    ['of another unit', 'seconds=0-1'],
    ['no range', 'bytes'],
    ['empty', 'bytes='],
    ['without a number', 'bytes=-'],
    ['reversed', 'bytes=5-1'],
    ['of letters', 'bytes=a-b'],
    ['negative', 'bytes=--1'],
    ['of fractions', 'bytes=1.5-2'],
  ])('that is %s is ignored', async (_kind, range) => {
    const { legacy, ask } = await startLegacy({ declared: true, cut: cutRightly });
    const response = await ask({ Range: range });
    expect(response.status).toBe(200);
    expect(isSame(await getBytes(response), legacy.sound)).toBe(true);
    expect(legacy.asked[0]?.headers.has('range')).toBe(false);
  });

  test.each([
    ['bytes=100-', 'bytes=100-'],
    ['BYTES=100-199', 'bytes=100-199'],
    ['bytes=-7', 'bytes=-7'],
    [`bytes=100-${'9'.repeat(30)}`, 'bytes=100-'],
    ['bytes=0-1', null],
    ['bytes=-0', null],
    [`bytes=${'9'.repeat(30)}-`, null],
  ])('%s requests %s from the legacy service', async (range, forwarded) => {
    const { legacy, ask } = await startLegacy({ declared: true });
    await (await ask({ Range: range })).body?.cancel();
    expect(legacy.asked.map(({ headers }) => headers.get('range'))).toEqual([forwarded]);
  });

  test('under If-Range is ignored, since the legacy service has no strong tag', async () => {
    const { legacy, ask } = await startLegacy({ declared: true, cut: cutRightly });
    const response = await ask({ Range: 'bytes=100-', 'If-Range': '"tag"' });
    expect(response.status).toBe(200);
    expect(isSame(await getBytes(response), legacy.sound)).toBe(true);
    expect(legacy.asked[0]?.headers.has('range')).toBe(false);
  });

  test('with HEAD is ignored', async () => {
    const { ask } = await startLegacy({ declared: true });
    const response = await ask({ Range: 'bytes=100-' }, 'HEAD');
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Length')).toBe('5000');
    expect(response.headers.get('Accept-Ranges')).toBe('bytes');
  });
});

describe('a part that the legacy service cut', () => {
  const lies: [string, NonNullable<SoundOptions['cut']>][] = [
    ['from another place', relabel('Content-Range', 'bytes 101-200/5000')],
    ['to another place', relabel('Content-Range', 'bytes 100-198/5000')],
    ['without a length of the whole', relabel('Content-Range', 'bytes 100-199/*')],
    ['past the end of the whole', relabel('Content-Range', 'bytes 100-199/150')],
    ['without saying which', cutWrongly((part) => new Response(part.body, { status: 206 }))],
    ['in several parts', relabel('Content-Type', 'multipart/byteranges; boundary=x')],
    ['with a content coding', relabel('Content-Encoding', 'br')],
    [
      'of another length',
      (sound) => {
        const headers = { 'Content-Range': 'bytes 100-199/5000', 'Content-Length': '90' };
        return new Response(sound.slice(100, 190), { status: 206, headers });
      },
    ],
    [
      'without audio',
      () => {
        const headers = { 'Content-Range': 'bytes 100-199/5000' };
        return new Response('<response>'.padEnd(100), { status: 206, headers });
      },
    ],
    ['that it says it does not have', () => new Response('no', { status: 416 })],
  ];
  test.each(lies)('%s is rejected: the whole is requested, and cut by the gateway', async (_lie, cut) => {
    const { legacy, ask } = await startLegacy({ declared: true, cut });
    const response = await ask({ Range: 'bytes=100-199' });
    expect(response.status).toBe(206);
    expect(response.headers.get('Content-Range')).toBe('bytes 100-199/5000');
    expect(isSame(await getBytes(response), legacy.sound.slice(100, 200))).toBe(true);
    expect(legacy.asked.map(({ headers }) => headers.get('range'))).toEqual(['bytes=100-199', null]);
  });

  test('is passed on unchanged if it is correct', async () => {
    const { legacy, ask } = await startLegacy({ declared: true, cut: cutRightly });
    const response = await ask({ Range: 'bytes=100-199' });
    expect(response.status).toBe(206);
    expect(isSame(await getBytes(response), legacy.sound.slice(100, 200))).toBe(true);
    expect(legacy.asked).toHaveLength(1);
  });
});

describe('a legacy service', () => {
  test.each([
    ['before the range begins', 60_000],
    ['just where the range begins', 32_022],
  ])('that fails %s is a 502 without a part', async (_where, first) => {
    const gateway = await startGateway();
    expect(gateway.emulator.account('page').audio(sids.playable, 'wav', 8000).length / 2).toBe(32_022);
    gateway.emulator.fault({ name: 'cut-audio-with-length', at: 0.5 });
    const headers = { ...basic(gateway.emulator), Range: `bytes=${first}-` };
    const response = await gateway.fetch(`/recordings/${sids.playable}/audio`, { headers });
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ type: expect.stringMatching('/problems/legacy-') });
  });

  test.each([60_000, 32_022])('that stalls before byte %i is a 504 without a part', async (first) => {
    const gateway = await startGateway({ env: { LEGACY_IDLE_TIMEOUT_MS: '300' } });
    gateway.emulator.fault({ name: 'stall-midway', at: 0.5 });
    const headers = { ...basic(gateway.emulator), Range: `bytes=${first}-` };
    const response = await gateway.fetch(`/recordings/${sids.playable}/audio`, { headers });
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ type: '/problems/legacy-timeout' });
    await gateway.emulator.idle();
  });

  test('is disconnected at the end of a range', async () => {
    const gateway = await startGateway();
    const headers = { ...basic(gateway.emulator), Range: 'bytes=1000000-1000099' };
    const response = await gateway.fetch(`/recordings/${sids.hour}/audio`, { headers });
    const expected = gateway.emulator.account('page').audio(sids.hour, 'wav', 8000);
    expect(isSame(await getBytes(response), expected.slice(1_000_000, 1_000_100))).toBe(true);
    await gateway.emulator.idle();
    expect(gateway.emulator.calls).toMatchObject([{ state: 'aborted' }]);
    expect(gateway.emulator.calls[0]?.bytesSent).toBeLessThan(16_000_000);
  });
});
