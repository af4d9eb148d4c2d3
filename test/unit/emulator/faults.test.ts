/** Each of the emulator's faults does what its name says, for every action that it applies to. */
import { SaxesParser } from 'saxes';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ActionName } from '../../emulator/actions/actions.ts';
import { collect } from '../../emulator/bytes.ts';
import { createEmulator } from '../../emulator/emulator.ts';
import { evidence } from '../../emulator/evidence.ts';
import { type FaultName, faultNames, faults } from '../../emulator/faults.ts';
import { observe } from '../../emulator/observe.ts';
import { sids } from '../../emulator/seeds.ts';

const url = 'http://127.0.0.1/ibp_api.php';
const emulator = createEmulator();

const parameters: Readonly<Record<ActionName, Readonly<Record<string, string>>>> = {
  'recording.download': { sid: sids.playable },
  'recording.list': { type: 'findme', id: '1234' },
  'recording.remove': { sid: sids.playable },
  'recording.upload': { type: 'findme', id: '1', path: '/path/to/audio.wav' },
};

beforeEach(() => emulator.reset());

function ask(action: ActionName, signal?: AbortSignal): Promise<Response> {
  const keys = { access_key: 'foofoofoo', secret_access_key: 'foobarfoo' };
  const form = new URLSearchParams({ ...keys, action, ...parameters[action] });
  return emulator.fetch(new Request(`${url}?${form}`, signal ? { signal } : {}));
}

async function bytesOf(action: ActionName): Promise<Uint8Array> {
  return new Uint8Array(await (await ask(action)).arrayBuffer());
}

async function xmlUnder(name: FaultName, action: ActionName): Promise<string> {
  emulator.fault({ name, times: 1 });
  return new TextDecoder().decode(await bytesOf(action));
}

describe.each(faultNames)('%s', (name) => {
  test.each(faults[name].actions.map((action) => [action]))('appears in %s, once', async (action) => {
    const right = await bytesOf(action);
    emulator.fault({ name, times: 1, delayMs: 40 });
    const seen = await observe((signal) => ask(action, signal));
    const { status, end, bytes } = seen;
    const summary = {
      status,
      end,
      length: bytes.length,
      head: new TextDecoder().decode(bytes.slice(0, 400)),
    };
    expect(evidence[name]({ ...seen, right, socket: false }), JSON.stringify(summary)).toBe(true);
    expect(emulator.state()).toMatchObject({ faults: { [name]: 1 }, callCount: 2 });
    await emulator.idle();
    expect((await observe((signal) => ask(action, signal))).bytes).toEqual(right);
  });
});

describe('the XML of a fault', () => {
  const wellFormed: readonly FaultName[] = [
    ...(['declaration', 'cdata', 'entities', 'attributes', 'comments', 'processing-instructions'] as const),
    ...([
      'whitespace',
      'unknown-elements',
      'proto-elements',
      'padded-values',
      'odd-order',
      'result-last',
    ] as const),
    ...(['failed-after-data', 'one-item', 'empty-list', 'empty-data', 'no-data', 'empty-elements'] as const),
    ...([
      'missing-elements',
      'missing-sid',
      'duplicate-elements',
      'duplicate-result',
      'missing-result',
    ] as const),
    ...(['unknown-result', 'other-root', 'bom', 'dtd'] as const),
  ];
  const spoilt: readonly FaultName[] = [
    ...(['cut-xml', 'trailing-garbage', 'leading-garbage', 'two-documents', 'mismatched-tags'] as const),
    ...(['bare-ampersand', 'control-characters', 'html-page', 'json-instead'] as const),
  ];

  test.each(wellFormed)('is well-formed with %s', async (name) => {
    expect(isWellFormed(await xmlUnder(name, 'recording.list'))).toBe(true);
  });

  test.each(spoilt)('is not well-formed with %s', async (name) => {
    expect(isWellFormed(await xmlUnder(name, 'recording.list'))).toBe(false);
  });

  test.each(['cdata', 'entities', 'attributes', 'comments', 'whitespace', 'odd-order', 'bom'] as const)(
    'reads the same with %s as without',
    async (name) => {
      const right = textsOf(new TextDecoder().decode(await bytesOf('recording.list')));
      const rewritten = textsOf(await xmlUnder(name, 'recording.list'));
      expect(rewritten.filter((text) => !text.startsWith('note=')).sort()).toEqual(right.sort());
    },
  );
});

describe('an order', () => {
  test('waits, strikes as often as configured, and spares other actions', async () => {
    emulator.fault({ name: 'unavailable', action: 'recording.list', after: 1, times: 2 });
    const statuses = [];
    for (const action of ['recording.download', ...Array(5).fill('recording.list')]) {
      const response = await ask(action);
      await response.body?.cancel();
      statuses.push(response.status);
    }
    expect(statuses).toEqual([200, 200, 503, 503, 200, 200]);
  });

  test('applies to a part of the body or to a header', async () => {
    emulator.fault({ name: 'close-midway', at: 0.01, times: 1 });
    const seen = await observe((signal) => ask('recording.download', signal));
    expect([seen.end, seen.bytes.length]).toEqual(['broken', 640]);
    emulator.fault({ name: 'rate-limited', retryAfter: null, times: 1 });
    expect((await ask('recording.list')).headers.has('retry-after')).toBe(false);
  });

  test.each([
    ['reset-before-answer', false],
    ['reset-after-work', true],
    ['server-error', false],
  ] as const)('%s leaves the work done: %s', async (name, done) => {
    emulator.fault({ name, times: 1 });
    await ask('recording.upload').catch(() => {});
    expect(emulator.account('page').uploads).toHaveLength(done ? 1 : 0);
  });
});

describe('chaos', () => {
  async function run(seed: number): Promise<(string | null)[]> {
    emulator.reset();
    emulator.chaos({ probability: 0.3, seed, names: ['html-page', 'empty-body', 'unavailable'] });
    for (let number = 0; number < 200; number++) await (await ask('recording.list')).body?.cancel();
    return emulator.calls.map(({ fault }) => fault);
  }

  test('draws the same faults from the same seed, at the configured rate', async () => {
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
    const struck = first.filter((fault) => fault !== null).length;
    expect(struck).toBeGreaterThan(40);
    expect(struck).toBeLessThan(80);
  });

  test('ends with the faults', async () => {
    emulator.chaos({ probability: 1, seed: 1 });
    emulator.clearFaults();
    expect((await ask('recording.list')).status).toBe(200);
  });
});

describe('over HTTP', () => {
  const steer = (method: string, path: string, body?: unknown) =>
    emulator.fetch(
      new Request(
        `http://127.0.0.1/_emulator/${path}`,
        body === undefined ? { method } : { method, body: JSON.stringify(body) },
      ),
    );

  test('a fault is set and cleared', async () => {
    expect((await steer('PUT', 'fault', { name: 'unavailable', times: 5 })).status).toBe(204);
    expect((await ask('recording.list')).status).toBe(503);
    expect((await steer('DELETE', 'fault')).status).toBe(204);
    expect((await ask('recording.list')).status).toBe(200);
  });

  test('a fault that does not apply to the action is a 400, and sets nothing', async () => {
    const order = { name: 'empty-list', action: 'recording.download' };
    const response = await steer('PUT', 'fault', order);
    expect([response.status, await response.text()]).toEqual([
      400,
      'empty-list does not apply to recording.download, only to recording.list\n',
    ]);
    expect((await ask('recording.list')).status).toBe(200);
    expect(emulator.state().faults).toEqual({});
  });

  test('chaos and the headers of audio are configurable', async () => {
    await steer('PUT', 'chaos', { probability: 1, seed: 1, names: ['unavailable'] });
    expect((await ask('recording.list')).status).toBe(503);
    await steer('POST', 'reset');
    await steer('PUT', 'audio', { contentType: 'text/html' });
    expect((await ask('recording.download')).headers.get('content-type')).toBe('text/html');
  });

  test('one or more recordings are added', async () => {
    await steer('POST', 'recordings', {
      account: 'page',
      type: 'survey',
      id: '1',
      recording: { sid: '42', seconds: 1 },
    });
    await steer('POST', 'recordings', { account: 'page', type: 'survey', id: '1', count: 5 });
    const content = emulator.account('page').records('survey', '1');
    const xml = new TextDecoder().decode(await collect(content?.chunks() ?? []));
    expect(xml.match(/<recording>/g)).toHaveLength(6);
  });

  test('the state shows calls and open connections, and reset clears them', async () => {
    const open = await ask('recording.download');
    expect(await (await steer('GET', 'state')).json()).toMatchObject({
      callCount: 1,
      openConnections: 1,
      trapped: 0,
      calls: [{ action: 'recording.download', account: 'page', state: 'open' }],
    });
    await open.body?.cancel();
    await steer('POST', 'reset');
    expect(await (await steer('GET', 'state')).json()).toMatchObject({ callCount: 0, calls: [] });
  });

  test.each([
    ['fault', { name: 'no-such-fault' }],
    ['fault', { name: 'bom', tmes: 1 }],
    ['chaos', { probability: 2, seed: 1 }],
    ['audio', { contentType: 'audio/ogg' }],
  ])('an invalid order to %s is rejected', async (path, body) => {
    expect((await steer('PUT', path, body)).status).toBe(400);
  });

  test('a followed redirect is counted', async () => {
    emulator.fault({ name: 'redirect', times: 1 });
    const location = (await ask('recording.list')).headers.get('location') ?? '';
    expect(new URL(location).hostname).toBe('localhost');
    await emulator.fetch(new Request(location));
    expect(emulator.state().trapped).toBe(1);
  });
});

function isWellFormed(xml: string): boolean {
  let failed = false;
  const parser = new SaxesParser();
  parser.on('error', () => {
    failed = true;
  });
  parser.write(xml.replace(/^\ufeff/, '')).close();
  return !failed;
}

/** The path and text of every element that has one. */
function textsOf(xml: string): string[] {
  const path: string[] = [];
  const texts = [''];
  const found: string[] = [];
  const parser = new SaxesParser();
  const add = (text: string) => texts.push((texts.pop() ?? '') + text);
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('opentag', ({ name }) => {
    path.push(name);
    texts.push('');
  });
  parser.on('closetag', () => {
    const text = texts.pop()?.trim();
    if (text) found.push(`${path.at(-1)}=${text}`);
    path.pop();
  });
  parser.write(xml.replace(/^\ufeff/, '')).close();
  return found;
}
