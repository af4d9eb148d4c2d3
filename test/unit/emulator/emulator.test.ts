/** The emulator responds as the vendor's page says, keeps state, and generates real audio. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { collect } from '../../emulator/bytes.ts';
import { crc32 } from '../../emulator/crc32.ts';
import { createEmulator } from '../../emulator/emulator.ts';
import { frameLength } from '../../emulator/mp3.ts';
import { page } from '../../emulator/page.ts';
import { accountKeys, exportable, sids } from '../../emulator/seeds.ts';

const url = 'http://legacy.example/ibp_api.php';
const methods = ['GET', 'POST'] as const;
const emulator = createEmulator({ fetchPath: async (path) => files(path) });
const account = emulator.account('page');
const [pageKeys] = accountKeys;

beforeEach(() => emulator.reset());

type Fields = Readonly<Record<string, string>>;

function files(path: string): Response {
  const { pathname } = new URL(path);
  if (pathname === '/tone.wav')
    return new Response(emulator.account('north').audio('tone', 'wav', 16_000).slice());
  if (pathname === '/page.wav') return new Response('<html></html>');
  if (pathname === '/cut.wav') return new Response('RIFF----WAVE', { headers: { 'content-length': '13' } });
  if (pathname === '/refused.wav') throw new TypeError('refused');
  return new Response(null, { status: 404 });
}

function call(
  fields: Fields,
  { method = 'GET', keys = pageKeys }: { method?: string; keys?: typeof pageKeys } = {},
) {
  const form = new URLSearchParams({
    access_key: keys?.accessKey ?? '',
    secret_access_key: keys?.secretAccessKey ?? '',
    ...fields,
  });
  const request = method === 'GET' ? new Request(`${url}?${form}`) : new Request(url, { method, body: form });
  return emulator.fetch(request);
}

const list = (type: string, id: string) =>
  call({ action: 'recording.list', type, id }).then((response) => response.text());
const download = (fields: Fields) =>
  call({ action: 'recording.download', ...fields }).then(
    async (response) => new Uint8Array(await response.arrayBuffer()),
  );

describe.each(methods)('by %s', (method) => {
  test.each(
    page.map(
      (row) => [row.action, row.status, row.xml?.match(/description>(.*)</)?.[1] ?? 'audio', row] as const,
    ),
  )("responds to %s with %i %s as on the vendor's page", async (action, status, _, row) => {
    const wrong = { name: 'unknown', accessKey: 'foofoofoo', secretAccessKey: 'foofoofoo' };
    const response = await call(
      { action, ...row.parameters },
      row.keys === 'wrong' ? { method, keys: wrong } : { method },
    );
    expect(response.status).toBe(status);
    if (row.xml !== null) expect(await response.text()).toBe(row.xml);
    else
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(
        account.audio(sids.playable, 'mp3', 44_100).slice(),
      );
  });

  test.each(accountKeys)('identifies the account $name by its keys', async (keys) => {
    const response = await call({ action: 'recording.list', type: 'findme', id: '1234' }, { method, keys });
    expect(response.status).toBe(200);
    await response.body?.cancel();
    expect(emulator.calls.at(-1)).toMatchObject({ account: keys.name, method, action: 'recording.list' });
  });
});

test.each([
  [{ action: 'recording.upload' }, 400, 'Parameter id is required'],
  [{ action: 'recording.upload', id: '1' }, 400, 'Parameter path is required'],
  [{ action: 'recording.upload', id: '1', path: '/a.wav' }, 400, 'Parameter type is required'],
  [{ action: 'recording.upload', type: 'general' }, 400, 'Parameter path is required'],
  [{ action: 'recording.upload', type: 'survo', path: '/a.wav' }, 400, 'Parameter id is required'],
  [
    { action: 'recording.upload', type: 'nothing', id: '1', path: '/a.wav' },
    400,
    'Parameter type is invalid',
  ],
  [
    { action: 'recording.upload', type: 'findme', id: '1', path: 'http://x/page.wav' },
    400,
    'Parameter path is invalid',
  ],
  [
    { action: 'recording.upload', type: 'findme', id: '1', path: 'http://x/cut.wav' },
    400,
    'Parameter path is invalid',
  ],
  [
    { action: 'recording.upload', type: 'findme', id: '1', path: 'http://x/refused.wav' },
    400,
    'Parameter path is invalid',
  ],
  [
    { action: 'recording.upload', type: 'findme', id: '1', path: 'http://x/missing.wav' },
    400,
    'Parameter path is invalid',
  ],
  [{ action: 'recording.list' }, 400, 'Parameter type is required'],
  [{ action: 'recording.list', type: 'general', id: '1' }, 400, 'Parameter type is invalid'],
  [{ action: 'recording.list', type: 'findme', id: '1x' }, 400, 'Parameter id is invalid'],
  [{ action: 'recording.download', sid: sids.playable, format: 'ogg' }, 400, 'Parameter format is invalid'],
  [
    { action: 'recording.download', sid: sids.playable, sample_rate: '0' },
    400,
    'Parameter sample_rate is invalid',
  ],
  [
    { action: 'recording.remove', sid: sids.playable, delete_now: 'true' },
    400,
    'Parameter delete_now is invalid',
  ],
  [{ action: 'recording.play' }, 400, 'Invalid action'],
  [{}, 400, 'Parameter action is required'],
  [{ access_key: '' }, 400, 'Parameter access_key is required'],
  [{ secret_access_key: '' }, 400, 'Parameter secret_access_key is required'],
] as const)('responds to %j with %i %s', async (fields, status, description) => {
  const response = await call({ ...fields });
  expect(response.status).toBe(status);
  expect(await response.text()).toBe(
    `<response>\n<result>failed</result>\n<result_description>${description}</result_description>\n</response>`,
  );
});

describe('state', () => {
  test('a recording removed now disappears from list, download and removal, in its own account only', async () => {
    await call({ action: 'recording.remove', sid: sids.listed[0], delete_now: '1' });
    expect(await list('findme', '1234')).not.toContain(sids.listed[0]);
    expect((await call({ action: 'recording.download', sid: sids.listed[0] })).status).toBe(404);
    expect((await call({ action: 'recording.remove', sid: sids.listed[0] })).status).toBe(404);
    expect(emulator.account('north').find(sids.listed[0])).not.toBeNull();
  });

  test.each([{}, { delete_now: '0' }])(
    'a recording removed later (%j) disappears at the next clean-up',
    async (how) => {
      await call({ action: 'recording.remove', sid: sids.listed[0], ...how });
      expect(await list('findme', '1234')).toContain(sids.listed[0]);
      account.sweep();
      expect(await list('findme', '1234')).not.toContain(sids.listed[0]);
    },
  );

  test('a recording is ready after enough requests', async () => {
    const statuses = [];
    for (let ask = 0; ask < 3; ask++) {
      const response = await call({ action: 'recording.download', sid: sids.processing });
      await response.body?.cancel();
      statuses.push(response.status);
    }
    expect(statuses).toEqual([202, 202, 200]);
  });

  test('an upload by URL is fetched, listed, and returned byte for byte', async () => {
    const sent = new Uint8Array(await files('http://x/tone.wav').arrayBuffer());
    const answer = await call({
      action: 'recording.upload',
      type: 'survey',
      id: '7',
      path: 'http://x/tone.wav?sig=1',
    });
    expect(await answer.text()).toContain('File uploaded');
    expect(account.uploads).toMatchObject([
      { type: 'survey', id: '7', content: { format: 'wav', length: sent.length, crc32: crc32(sent) } },
    ]);
    const [, sid = ''] = /<sid>(\d+)<\/sid>/.exec(await list('survey', '7')) ?? [];
    expect(await download({ sid })).toEqual(sent);
  });

  test('doubled parameters count as PHP counts them: the last, and the body before the query', async () => {
    const query = new URLSearchParams([
      ['access_key', 'wrong'],
      ['access_key', pageKeys?.accessKey ?? ''],
      ['secret_access_key', pageKeys?.secretAccessKey ?? ''],
      ['action', 'recording.remove'],
    ]);
    const body = new URLSearchParams({ action: 'recording.list', type: 'findme', id: '1234' });
    const response = await emulator.fetch(new Request(`${url}?${query}`, { method: 'POST', body }));
    expect(await response.text()).toContain(sids.listed[1]);
  });

  test('the log of calls holds no key', async () => {
    for (const keys of accountKeys)
      await (await call({ action: 'recording.list', type: 'findme', id: '1' }, { keys })).text();
    const record = JSON.stringify(emulator.state());
    for (const { accessKey, secretAccessKey } of accountKeys) {
      expect(record).not.toContain(accessKey);
      expect(record).not.toContain(secretAccessKey);
    }
    expect(emulator.calls).toHaveLength(accountKeys.length);
  });
});

describe('connections', () => {
  test('a call is open until its body was read', async () => {
    const response = await call({ action: 'recording.download', sid: sids.playable });
    expect(emulator.openConnections()).toBe(1);
    await response.arrayBuffer();
    expect(emulator.openConnections()).toBe(0);
    expect(emulator.calls.at(-1)).toMatchObject({ state: 'finished', bytesSent: 64_044 });
  });

  test('a cancelled body ends its call, and generates no more than was read', async () => {
    const response = await call({ action: 'recording.download', sid: sids.hour });
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await emulator.idle();
    expect(emulator.calls.at(-1)?.state).toBe('aborted');
    expect(emulator.calls.at(-1)?.bytesSent).toBeLessThan(200_000);
  });

  test("the caller's signal interrupts a body and ends its call", async () => {
    const controller = new AbortController();
    const form = new URLSearchParams({
      access_key: 'foofoofoo',
      secret_access_key: 'foobarfoo',
      action: 'recording.download',
      sid: sids.hour,
    });
    const response = await emulator.fetch(new Request(`${url}?${form}`, { signal: controller.signal }));
    controller.abort();
    await expect(response.arrayBuffer()).rejects.toThrow();
    await emulator.idle();
    expect(emulator.calls.at(-1)?.state).toBe('aborted');
  });

  test("the body can be read into the reader's own buffers", async () => {
    const response = await call({ action: 'recording.download', sid: sids.playable });
    const reader = response.body?.getReader({ mode: 'byob' });
    const parts: number[] = [];
    for (let next = await reader?.read(new Uint8Array(1000)); next && !next.done; ) {
      parts.push(...next.value);
      next = await reader?.read(new Uint8Array(1000));
    }
    expect(Uint8Array.from(parts)).toEqual(account.audio(sids.playable, 'wav', 8000).slice());
  });
});

describe('audio', () => {
  test.each([1, 8000, 11_000, 44_100, 96_000])(
    'a WAV at %i samples per second states it in its header',
    async (rate) => {
      const wav = await download({ sid: sids.playable, sample_rate: String(rate) });
      const view = new DataView(wav.buffer);
      const text = (from: number, to: number) => new TextDecoder().decode(wav.subarray(from, to));
      expect([text(0, 4), text(8, 16), text(36, 40)]).toEqual(['RIFF', 'WAVEfmt ', 'data']);
      expect(view.getUint32(4, true)).toBe(wav.length - 8);
      expect([view.getUint16(20, true), view.getUint16(22, true), view.getUint16(34, true)]).toEqual([
        1, 1, 16,
      ]);
      expect([view.getUint32(24, true), view.getUint32(28, true)]).toEqual([rate, rate * 2]);
      expect(view.getUint32(40, true)).toBe(rate * 2 * 4);
      expect(wav).toHaveLength(44 + rate * 2 * 4);
    },
  );

  test.each([8000, 11_000, 22_050, 44_100, 48_000])(
    'an MP3 at %i consists of frames, and is as long as the recording',
    async (rate) => {
      const mp3 = await download({ sid: sids.playable, format: '.MP3', sample_rate: String(rate) });
      let frames = 0;
      let offset = 0;
      for (; offset < mp3.length; offset += frameLength(mp3, offset)) frames++;
      expect(offset).toBe(mp3.length);
      const seconds = (frames * (rate < 32_000 ? 576 : 1152)) / (rate === 11_000 ? 11_025 : rate);
      expect(seconds).toBeCloseTo(4, 1);
    },
  );

  test('every recording, account, format and rate sounds different', () => {
    const north = emulator.account('north');
    const files = [
      account.audio(sids.playable, 'wav', 8000),
      account.audio(sids.unknown, 'wav', 8000),
      north.audio(sids.playable, 'wav', 8000),
      account.audio(sids.playable, 'mp3', 8000),
      account.audio(sids.playable, 'wav', 8001),
    ].map((file) => crc32(file.slice(1000, 5000)));
    expect(new Set(files).size).toBe(5);
  });

  test('a slice has the same bytes as in the whole, at any position', () => {
    account.add('findme', '1', { sid: 'long', seconds: 30 });
    for (const format of ['wav', 'mp3'] as const) {
      const file = account.audio('long', format, 8000);
      const whole = file.slice();
      expect(whole).toHaveLength(file.length);
      const offset = fc.nat({ max: file.length + 10 });
      fc.assert(
        fc.property(offset, offset, (start, end) => {
          expect(crc32(file.slice(start, end))).toBe(crc32(whole.subarray(start, Math.max(start, end))));
        }),
        { numRuns: 200 },
      );
    }
  });

  test('no two intervals of a long recording are equal', () => {
    for (const format of ['wav', 'mp3'] as const) {
      const file = account.audio(sids.hour, format, 8000);
      const sums = Array.from(file.read(44), (chunk) => crc32(chunk));
      expect(new Set(sums).size).toBe(sums.length);
    }
  });

  test('a gigabyte is declared and sliced at its end without being generated', () => {
    account.add('findme', '1', { sid: 'huge', seconds: 65_536 });
    const file = account.audio('huge', 'wav', 8192);
    expect(file.length).toBe(2 ** 30 + 44);
    expect(file.slice(2 ** 30)).toHaveLength(44);
  });

  test('the list for exports has 10,000 short recordings, of which ten are processed late and ten fail', async () => {
    const { type, id, count } = exportable;
    const list = await (await call({ action: 'recording.list', type, id })).text();
    const listed = Array.from(list.matchAll(/<sid>(\d+)<\/sid>/g), ([, sid = '']) => sid);
    expect(listed).toHaveLength(count);
    const download = async (index: number) => {
      const response = await call({ action: 'recording.download', sid: listed[index] ?? '' });
      return { status: response.status, length: (await response.arrayBuffer()).byteLength };
    };
    expect(await download(0)).toEqual({ status: 200, length: 32_044 });
    const late = [await download(1100), await download(1100), await download(1100)];
    expect(late.map(({ status }) => status)).toEqual([202, 202, 200]);
    expect([await download(9200), await download(9200)].map(({ status }) => status)).toEqual([404, 404]);
    const specials = listed.map((sid) => account.find(sid));
    expect(specials.filter((recording) => recording?.retrievalFails)).toHaveLength(10);
  });

  test('the headers of downloads are configurable', async () => {
    emulator.setAudio({
      contentLength: false,
      ranges: true,
      etag: true,
      lastModified: true,
      contentType: 'text/html',
    });
    const whole = await call({ action: 'recording.download', sid: sids.playable });
    expect(Object.fromEntries(whole.headers)).toEqual({
      'accept-ranges': 'bytes',
      'content-type': 'text/html',
      etag: '"64044"',
      'last-modified': 'Wed, 20 Feb 2019 20:42:11 GMT',
    });
    await whole.body?.cancel();
  });

  test.each([
    ['bytes=100-199', 206, 100, 200],
    ['bytes=64000-', 206, 64_000, 64_044],
    ['bytes=-10', 206, 64_034, 64_044],
    ['bytes=64044-', 200, 0, 64_044],
    ['bytes=5-4', 200, 0, 64_044],
    ['lines=1-2', 200, 0, 64_044],
  ])('a legacy service that honours ranges responds to %s with %i', async (range, status, start, end) => {
    emulator.setAudio({ ranges: true });
    const form = new URLSearchParams({
      access_key: 'foofoofoo',
      secret_access_key: 'foobarfoo',
      action: 'recording.download',
      sid: sids.playable,
    });
    const response = await emulator.fetch(new Request(`${url}?${form}`, { headers: { range } }));
    expect(response.status).toBe(status);
    expect(response.headers.get('content-range')).toBe(
      status === 206 ? `bytes ${start}-${end - 1}/64044` : null,
    );
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(
      account.audio(sids.playable, 'wav', 8000).slice(start, end),
    );
  });
});

describe('big lists', () => {
  test.each([1, 999, 1000, 1001, 2500])(
    'a list of %i is well-formed and of the stated length',
    async (count) => {
      account.generate('locator', '1', count);
      const response = await call({ action: 'recording.list', type: 'locator', id: '1' });
      const xml = await response.text();
      expect(Number(response.headers.get('content-length'))).toBe(xml.length);
      const records = xml.match(
        /<recording>\n<sid>\d{16}<\/sid>\n<dnis>\d{10}<\/dnis>\n<number_connected>(\d{10})?<\/number_connected>\n<minutes>\d+\.\d<\/minutes>\n<date>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d<\/date>\n<\/recording>\n/g,
      );
      expect(records).toHaveLength(count);
      expect(new Set(records).size).toBe(count);
      const dates = Array.from(xml.matchAll(/<date>(.*)<\/date>/g), ([, date]) => date);
      expect(dates).toEqual(dates.toSorted().toReversed());
    },
  );

  test('recordings of a big list can be downloaded and removed like others', async () => {
    const generated = account.generate('locator', '1', 3000);
    const removed = [0, 999, 1000, 1001, 1500, 2999].map((index) => generated.recordingAt(index).sid);
    for (const sid of removed)
      expect((await call({ action: 'recording.remove', sid, delete_now: '1' })).status).toBe(200);
    const response = await call({ action: 'recording.list', type: 'locator', id: '1' });
    const xml = await response.text();
    expect(Number(response.headers.get('content-length'))).toBe(xml.length);
    const left = Array.from(xml.matchAll(/<sid>(.*)<\/sid>/g), ([, sid]) => sid);
    const expected = Array.from({ length: 3000 }, (_, index) => generated.recordingAt(index).sid);
    expect(left).toEqual(expected.filter((sid) => !removed.includes(sid)));
    expect((await download({ sid: expected[1] ?? '' })).length).toBeGreaterThan(44);
  });

  test('added recordings precede the generated ones, newest first', async () => {
    account.generate('locator', '1', 1);
    account.add('locator', '1', { sid: 'older', date: '2020-01-01 00:00:00' });
    account.add('locator', '1', { sid: 'newer', date: '2021-01-01 00:00:00' });
    const found = Array.from((await list('locator', '1')).matchAll(/<sid>(.*)<\/sid>/g), ([, sid]) => sid);
    expect(found).toEqual(['newer', 'older', expect.stringMatching(/^\d{16}$/)]);
  });

  test('a record of the list is the one found by its sid', async () => {
    const generated = account.generate('locator', '1', 1_000_000);
    const index = 987_654;
    const recording = generated.recordingAt(index);
    expect(account.find(recording.sid)).toMatchObject(recording);
    expect(generated.indexOf(recording.sid)).toBe(index);
    expect(account.find(generated.recordingAt(1_000_000).sid)).toBeNull();
    const [block] = await Promise.all([collect(generated.chunks(new Set()).drop(987).take(1))]);
    expect(new TextDecoder().decode(block)).toContain(`<sid>${recording.sid}</sid>`);
  });
});
