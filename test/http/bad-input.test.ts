/** Invalid input is named, with the right status, without a legacy call. */
import { afterEach, describe, expect, test } from 'vitest';
import { version } from '../../src/config/build.ts';
import { basic, startGateway, type TestGateway } from '../support/harness.ts';

const upload = { type: 'findme', id: 1234, path: 'https://media.example.com/greeting.wav' };

interface Row {
  readonly title: string;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly status: number;
  readonly problem: string;
  /** The reported parameter or pointer. */
  readonly names?: string;
}

const json = { 'Content-Type': 'application/json' };
const post = (title: string, body: unknown, names?: string): Row => ({
  title,
  path: '/uploads',
  method: 'POST',
  headers: json,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  status: 400,
  problem: 'invalid-request',
  ...(names !== undefined && { names }),
});
const get = (path: string, names: string): Row => ({
  title: `GET ${path.slice(0, 80)}`,
  path,
  status: 400,
  problem: 'invalid-request',
  names,
});

const rows: Row[] = [
  get('/recordings?id=1234', 'type'),
  get('/recordings?type=findme', 'id'),
  get('/recordings?type=nonsense&id=1234', 'type'),
  get('/recordings?type=FINDME&id=1234', 'type'),
  get('/recordings?type=findme&type=queue&id=1234', 'type'),
  get('/recordings?type=findme&id=12x', 'id'),
  get('/recordings?type=findme&id=-1', 'id'),
  get('/recordings?type=findme&id=1e3', 'id'),
  get('/recordings?type=findme&id=', 'id'),
  get('/recordings?type=findme&id=1234567890123456', 'id'),
  get('/recordings?type=findme&id=1234&access_key=x', 'access_key'),
  get(`/recordings/${'1'.repeat(65)}/audio`, 'sid'),
  get('/recordings/a%20b/audio', 'sid'),
  get('/recordings/a%2Fb/audio', 'sid'),
  get('/recordings/%00/audio', 'sid'),
  get('/recordings/1%26action%3Drecording.remove/audio', 'sid'),
  ...['ogg', '', 'mp3.', 'wav,mp3'].map((format) => get(`/recordings/1/audio?format=${format}`, 'format')),
  ...['0', '-1', '1e9', '1000000000', '8000.5', 'text', '', '0x1F40'].map((rate) =>
    get(`/recordings/1/audio?sample_rate=${rate}`, 'sample_rate'),
  ),
  get('/recordings/1/audio?download=maybe', 'download'),
  get(`/recordings/1/audio?format=wav&token=${'x'.repeat(6145)}`, 'token'),
  post('broken JSON', '{"type":'),
  post('no JSON', 'type=findme'),
  post('an empty body', ''),
  post('JSON of another shape', [upload]),
  post('a missing type', { ...upload, type: undefined }, '/type'),
  post('an unknown type', { ...upload, type: 'nonsense' }, '/type'),
  post('a missing id', { ...upload, id: undefined }, '/id'),
  post('an id as text', { ...upload, id: '1234' }, '/id'),
  post('an id with a fraction', { ...upload, id: 1.5 }, '/id'),
  post('an id larger than a number can hold', { ...upload, id: 1e15 }, '/id'),
  post('a negative id', { ...upload, id: -1 }, '/id'),
  post('a path that is not a text', { ...upload, path: 1 }, '/path'),
  post('a missing path', { ...upload, path: undefined }, '/path'),
  post('an unknown member', { ...upload, url: 'x' }, '/url'),
  post('a long path', { ...upload, path: `https://a.example/${'x'.repeat(10_000)}` }, '/path'),
  ...[
    '',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'ftp://a.example/a.wav',
    '//host/a.wav',
    '/\\host/a.wav',
    'relative.wav',
    'https://user:secret@a.example/a.wav',
    'https://user@a.example/a.wav',
    'https://@a.example/a.wav',
    'https:/a.example/a.wav',
    'https://',
    '/a\nb.wav',
    '/a\u0000.wav',
    ' https://a.example/a.wav',
    'https://a.example/a b.wav',
    'https:///a.example/a.wav',
    'https://a.example/a\\b.wav',
    '/a\u0085.wav',
    '/a\u00a0.wav',
    '/a\ufeff.wav',
    '/a\u2028.wav',
    '/a\ud800.wav',
    'https://a.example/\udc00',
    '/a\ufffd.wav',
  ].map((path) => post(`path ${JSON.stringify(path)}`, { ...upload, path }, '/path')),
  {
    title: 'a form instead of JSON',
    path: '/uploads',
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'type=findme',
    status: 415,
    problem: 'unsupported-media-type',
  },
  {
    title: 'a body without a type',
    path: '/uploads',
    method: 'POST',
    headers: { 'Content-Type': '' },
    body: JSON.stringify(upload),
    status: 415,
    problem: 'unsupported-media-type',
  },
  {
    title: 'a large body',
    path: '/uploads',
    method: 'POST',
    headers: json,
    body: JSON.stringify({ ...upload, path: 'x'.repeat(70_000) }),
    status: 413,
    problem: 'content-too-large',
  },
  { title: 'an unknown path', path: '/nothing', status: 404, problem: 'not-found' },
  { title: 'a path below another', path: '/recordings/1/audio/2', status: 404, problem: 'not-found' },
  { title: 'an unknown problem', path: '/problems/nothing', status: 404, problem: 'not-found' },
  { title: 'a wrong method', path: '/recordings', method: 'PUT', status: 405, problem: 'method-not-allowed' },
  {
    title: 'another wrong method',
    path: '/recordings/1/audio',
    method: 'DELETE',
    status: 405,
    problem: 'method-not-allowed',
  },
  {
    title: 'an overlong query',
    path: `/recordings?type=${'x'.repeat(9000)}`,
    status: 414,
    problem: 'uri-too-long',
  },
  {
    title: 'an Accept without audio',
    path: '/recordings/1/audio',
    headers: { Accept: 'application/json' },
    status: 406,
    problem: 'not-acceptable',
  },
];

test.each(rows)('$title → $status', async ({ path, method = 'GET', headers, body, ...expected }) => {
  const gateway = await startGateway();
  const response = await gateway.fetch(path, {
    method,
    headers: { ...basic(gateway.emulator), ...headers },
    ...(body !== undefined && { body }),
  });
  expect(response.status).toBe(expected.status);
  expect(response.headers.get('Content-Type')).toBe('application/problem+json');
  expect(response.headers.get('Cache-Control')).toBe('private, no-store');
  const problem = await response.json();
  expect(problem).toMatchObject({
    type: `/problems/${expected.problem}`,
    status: expected.status,
    instance: path.split('?')[0],
    request_id: response.headers.get('X-Request-Id'),
  });
  if (expected.names) {
    expect(problem.errors.map((error: Record<string, string>) => error.parameter ?? error.pointer)).toEqual([
      expected.names,
    ]);
  }
  if (expected.title.includes('missing')) expect(problem.errors[0].detail).toMatch(/^is required/);
  for (const { detail } of problem.errors ?? []) expect(detail).toMatch(/^(?:is|must) /);
  if (expected.status === 405) expect(response.headers.get('Allow')).toBe('GET, HEAD');
  expect(gateway.emulator.calls).toHaveLength(0);
});

describe('without valid credentials', () => {
  const operations = [
    ['GET', '/recordings?type=findme&id=1234'],
    ['GET', '/recordings/0907065723240097/audio'],
    ['DELETE', '/recordings/0907065723240097'],
    ['POST', '/uploads'],
    // A caller without access learns nothing about its input.
    ['GET', '/recordings?type=nonsense'],
  ] as const;
  const credentials: Record<string, string | undefined> = {
    none: undefined,
    'no colon': `Basic ${btoa('foofoofoo')}`,
    'no base64': 'Basic foo:bar',
    'an empty password': `Basic ${btoa('foofoofoo:')}`,
    'an empty user': `Basic ${btoa(':foobarfoo')}`,
    'not UTF-8': `Basic ${btoa('foo\xff:bar')}`,
    'another scheme': 'Digest username="foofoofoo"',
    'a bearer where none is configured': 'Bearer abc',
  };
  test.each(
    operations.flatMap(([method, path]) =>
      Object.keys(credentials).map((title) => ({ method, path, title })),
    ),
  )('$method $path with $title → 401', async ({ method, path, title }) => {
    const gateway = await startGateway();
    const authorization = credentials[title];
    const response = await gateway.fetch(path, {
      method,
      ...(authorization && { headers: { Authorization: authorization } }),
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('WWW-Authenticate')).toContain('Basic realm="recordings"');
    expect((await response.json()).status).toBe(401);
    expect(gateway.emulator.calls).toHaveLength(0);
  });
});

describe("the service's own resources", () => {
  let gateway: TestGateway | undefined;
  afterEach(() => expect(gateway?.emulator.calls).toHaveLength(0));

  test.each([
    ['/health', { status: 'ok', version, commit: null }],
    ['/health/ready', { status: 'ok', version, commit: null }],
    ['/problems/recording-not-found', { type: '/problems/recording-not-found', status: 404 }],
    ['/openapi.json', { openapi: '3.1.0' }],
  ])('%s responds without the legacy service', async (path, expected) => {
    gateway = await startGateway();
    const response = await gateway.fetch(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('application/json');
    expect(await response.json()).toMatchObject(expected);
  });
});
