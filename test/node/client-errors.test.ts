/** Requests rejected before routing still get a problem and a log line, and are not counted as the gateway's failures. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEmulator } from '../emulator/emulator.ts';
import { serveEmulator } from '../emulator/server.ts';
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts';
import { basic } from '../support/harness.ts';

const emulator = createEmulator();
const { Authorization } = basic(emulator);
let legacy: Awaited<ReturnType<typeof serveEmulator>>;
let gateway: GatewayProcess;

beforeAll(async () => {
  legacy = await serveEmulator(emulator);
  gateway = await startProcess({
    LEGACY_API_URL: legacy.url,
    TOKEN_KEYS: btoa('a key for tests, 32 bytes long..'),
  });
});

afterAll(async () => {
  await gateway.stop('SIGKILL');
  await legacy.close();
});

/** All bytes until the gateway closes the connection. */
function exchange(text: string): Promise<string> {
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    answer += chunk;
  });
  socket.write(text, 'latin1');
  return new Promise((resolve, reject) => socket.on('end', () => resolve(answer)).on('error', reject));
}

function toRequest(line: string, ...headers: readonly string[]): string {
  return [line, ...headers, 'Connection: close', '', ''].join('\r\n');
}

/** Events since then, except the next request's. */
async function eventsSince(count: number): Promise<Record<string, unknown>[]> {
  await expect.poll(() => gateway.lines.length).toBeGreaterThan(count);
  return gateway.lines.slice(count).map((line) => JSON.parse(line));
}

test.each([
  ['an invalid host', 400, toRequest('GET /health HTTP/1.1', 'Host: a b')],
  ['a host with a path', 400, toRequest('GET /health HTTP/1.1', 'Host: a/b')],
  ['an invalid port', 400, toRequest('GET /health HTTP/1.1', 'Host: a:99999')],
  ['the asterisk target', 400, toRequest('OPTIONS * HTTP/1.1', 'Host: a')],
  ['another scheme', 400, toRequest('GET ftp://a/health HTTP/1.1', 'Host: a')],
  ['a backslash', 400, toRequest('GET /\\recordings HTTP/1.1', 'Host: a')],
  ['a space in the target', 400, toRequest('GET /health x HTTP/1.1', 'Host: a')],
  ['raw UTF-8', 400, toRequest('GET /recordings/\xc3\xa9/audio HTTP/1.1', 'Host: a')],
  ['an unknown method', 400, toRequest('BREW /health HTTP/1.1', 'Host: a')],
  ['HTTP/2', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a folded header', 400, toRequest('GET /health HTTP/1.1', 'Host: a', 'X: a', ' b')],
  ['a zero byte', 400, toRequest('GET /health HTTP/1.1', 'Host: a', 'X: a\0b')],
  [
    'two lengths',
    400,
    toRequest('POST /uploads HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Content-Length: 2'),
  ],
  ['a negative length', 400, toRequest('POST /uploads HTTP/1.1', 'Host: a', 'Content-Length: -1')],
  [
    'a length beside chunks',
    400,
    toRequest('POST /uploads HTTP/1.1', 'Host: a', 'Content-Length: 5', 'Transfer-Encoding: chunked'),
  ],
  [
    'a space before a colon',
    400,
    toRequest('POST /uploads HTTP/1.1', 'Host: a', 'Transfer-Encoding : chunked'),
  ],
  ['a tunnel', 405, toRequest('CONNECT a:443 HTTP/1.1', 'Host: a:443')],
  ['an expectation', 417, toRequest('GET /health HTTP/1.1', 'Host: a', 'Expect: wonders')],
  ['one header too many', 431, toRequest('GET /health HTTP/1.1', 'Host: a', `X: ${'a'.repeat(33_000)}`)],
  ['a thousand headers', 431, toRequest('GET /health HTTP/1.1', 'Host: a', ...Array(4000).fill('X: abcd'))],
  ['a target of forty thousand bytes', 431, toRequest(`GET /${'a'.repeat(40_000)} HTTP/1.1`, 'Host: a')],
])('%s is a problem of status %i, and a line in the log', async (_what, status, text) => {
  const { length } = gateway.lines;
  const answer = await exchange(text);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\r\n`));
  expect(answer).toMatch(/\r\nContent-Type: application\/problem\+json\r\n/i);
  expect(JSON.parse(/\{.*\}/.exec(answer)?.[0] ?? '')).toEqual({
    type: 'about:blank',
    title: expect.any(String),
    status,
  });
  const time = expect.stringMatching(/^\d{4}-.*Z$/);
  expect(await eventsSince(length)).toEqual([{ level: 'info', event: 'refused', time, status }]);
});

test.each([
  ['a probe that speaks HTTP/1.0 and names no host', 'GET /health HTTP/1.0\r\n\r\n', 200],
  ['a proxy that sends an absolute URL', toRequest('GET http://a.example/health HTTP/1.1', 'Host: b'), 200],
  [
    'an upgrade to another protocol',
    toRequest('GET /health HTTP/1.1', 'Host: a', 'Upgrade: websocket', 'Connection: Upgrade'),
    200,
  ],
  ['a path with dots', toRequest('GET /recordings/%2e%2e/health HTTP/1.1', 'Host: a'), 200],
  ['a path with two slashes', toRequest('GET //health HTTP/1.1', 'Host: a'), 200],
  ['a path with a trailing slash', toRequest('GET /health/ HTTP/1.1', 'Host: a'), 200],
])('%s gets a normal response', async (_what, text, status) => {
  const { length } = gateway.lines;
  expect(await exchange(text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(await eventsSince(length)).toEqual([expect.objectContaining({ event: 'request', status })]);
});

test('pipelined requests get responses in order', async () => {
  const { length } = gateway.lines;
  const answers = await exchange(
    `GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n${toRequest('GET / HTTP/1.1', 'Host: a')}`,
  );
  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200']);
  await expect.poll(() => gateway.lines.length).toBe(length + 3);
});

const json = ['Host: a', `Authorization: ${Authorization}`, 'Content-Type: application/json'];

const form = ['Host: a', 'Content-Type: application/x-www-form-urlencoded'];

test.each([
  ['createUpload', 'POST /uploads HTTP/1.1', json],
  ['createAudioLink', 'POST /recordings/1/audio-links HTTP/1.1', json],
  ['issueToken', 'POST /oauth/token HTTP/1.1', form],
])('an incomplete body is not a failure of the gateway: %s', async (operation, line, headers) => {
  const chunked = [...headers, 'Transfer-Encoding: chunked'];
  const declared = [...headers, 'Content-Length: 100'];
  const { length } = gateway.lines;
  expect(await exchange(`${toRequest(line, ...chunked)}5\r\n{"a":\r\nno chunk\r\n`)).toMatch(
    /^HTTP\/1.1 400 /,
  );
  const port = Number(new URL(gateway.url).port);
  const gone = connect(port, '127.0.0.1');
  gone.write(`${toRequest(line, ...declared)}{`);
  setTimeout(() => gone.destroy(), 100);
  await expect.poll(() => gateway.lines.length).toBe(length + 2);
  const fault = { event: 'request', level: 'info', operation, status: 400, problem: 'incomplete-body' };
  expect(await eventsSince(length)).toEqual([expect.objectContaining(fault), expect.objectContaining(fault)]);
  expect(emulator.calls).toEqual([]);
});

describe('bytes behind whole requests', () => {
  const body = JSON.stringify({ type: 'findme', id: 1234, path: '/files/call.wav' });
  const upload = ['POST /uploads HTTP/1.1', ...json, `Content-Length: ${body.length}`, '', body].join('\r\n');
  const health = 'GET /health HTTP/1.1\r\nHost: a\r\n\r\n';

  test.each([
    ['a body that is longer than declared', `${upload}0123456789`, [201]],
    [
      'two bytes too many, as old clients send',
      `${upload}\r\n${toRequest('GET / HTTP/1.1', 'Host: a')}`,
      [201, 200],
    ],
    ['a malformed request', `${upload}BREW /health HTTP/1.1\r\n\r\n`, [201]],
    [
      'a malformed request after another',
      `${upload}${health}${health}BREW / HTTP/1.1\r\n\r\n`,
      [201, 200, 200],
    ],
    [
      'a malformed body',
      `${upload}${toRequest('POST /uploads HTTP/1.1', ...json, 'Transfer-Encoding: chunked')}x\r\n`,
      [201],
    ],
  ])('do not hide their outcome: %s', async (_what, sent, statuses) => {
    const answers = await exchange(sent);
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(statuses.map((status) => `HTTP/1.1 ${status}`));
  });

  test('do not break off a response that has started', async () => {
    const text = 'GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n';
    const answer = await exchange(`${text}BREW / HTTP/1.1\r\n\r\n`);
    const [head = '', document = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1.1 200 /);
    expect(JSON.parse(document)).toMatchObject({ openapi: '3.1.0' });
  });
});
