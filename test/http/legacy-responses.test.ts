/** Every response that the vendor's page documents, and further rows, over real HTTP. */
import { describe, expect, test } from 'vitest';
import { type GatewayOptions, startGateway } from '../support/harness.ts';

const operations = {
  list: { method: 'GET', path: '/recordings?type=findme&id=1234' },
  download: { method: 'GET', path: '/recordings/0907065723240097/audio' },
  remove: { method: 'DELETE', path: '/recordings/0907065723240097' },
  upload: {
    method: 'POST',
    path: '/uploads',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ type: 'findme', id: 1234, path: '/path/to/audio.wav' }),
  },
} as const;

type Operation = keyof typeof operations;

const every = Object.keys(operations) as Operation[];

interface Row {
  readonly operations: readonly Operation[];
  /** HTTP status and description of the legacy service; `result` is `failed` by default. */
  readonly legacy: readonly [status: number, description: string, result?: 'success' | 'failed'];
  readonly status: number;
  readonly problem?: string;
  readonly retryAfter?: boolean;
}

const busy = 'The requested recording is currently being processed by the system. Please check back later.';

/** The blocks of the vendor's page, from download to upload. */
const documented: Row[] = [
  { operations: ['download'], legacy: [202, busy], status: 202, retryAfter: true },
  {
    operations: ['download'],
    legacy: [400, 'Parameter sid is required'],
    status: 400,
    problem: 'invalid-request',
  },
  {
    operations: ['download'],
    legacy: [401, 'Invalid api_key'],
    status: 401,
    problem: 'credentials-rejected',
  },
  { operations: ['download'], legacy: [404, 'File not found'], status: 404, problem: 'recording-not-found' },
  {
    operations: ['download'],
    legacy: [404, 'Error in retrieving recording'],
    status: 502,
    problem: 'legacy-failed',
  },
  {
    operations: ['list'],
    legacy: [400, 'Parameter type is required'],
    status: 400,
    problem: 'invalid-request',
  },
  {
    operations: ['list'],
    legacy: [400, 'Parameter id is required'],
    status: 400,
    problem: 'invalid-request',
  },
  { operations: ['list'], legacy: [404, 'No results returned'], status: 200 },
  { operations: ['remove'], legacy: [200, 'Recording successfully removed', 'success'], status: 204 },
  {
    operations: ['remove'],
    legacy: [202, busy],
    status: 409,
    problem: 'recording-processing',
    retryAfter: true,
  },
  {
    operations: ['remove'],
    legacy: [400, 'Parameter sid is required'],
    status: 400,
    problem: 'invalid-request',
  },
  {
    operations: ['remove'],
    legacy: [404, 'Error in removing recording'],
    status: 502,
    problem: 'legacy-failed',
  },
  { operations: ['remove'], legacy: [404, 'File not found'], status: 404, problem: 'recording-not-found' },
  { operations: ['upload'], legacy: [200, 'File uploaded', 'success'], status: 201 },
];

const beyond: Row[] = [
  { operations: every, legacy: [401, 'Invalid api_key'], status: 401, problem: 'credentials-rejected' },
  { operations: every, legacy: [200, 'Invalid api_key'], status: 401, problem: 'credentials-rejected' },
  { operations: every, legacy: [200, 'INVALID API_KEY.'], status: 401, problem: 'credentials-rejected' },
  {
    operations: ['download', 'remove'],
    legacy: [200, 'File not found!'],
    status: 404,
    problem: 'recording-not-found',
  },
  { operations: ['download'], legacy: [200, busy.toUpperCase()], status: 202, retryAfter: true },
  { operations: ['list'], legacy: [200, 'no results returned'], status: 200 },
  { operations: ['list', 'upload'], legacy: [202, busy], status: 502, problem: 'legacy-failed' },
  { operations: every, legacy: [400, 'Something is amiss'], status: 400, problem: 'invalid-request' },
  { operations: every, legacy: [403, 'Not for you'], status: 403, problem: 'legacy-refused' },
  { operations: every, legacy: [410, 'Long gone'], status: 410, problem: 'legacy-refused' },
  { operations: every, legacy: [200, 'Something broke'], status: 502, problem: 'legacy-failed' },
  { operations: every, legacy: [500, 'Something broke'], status: 502, problem: 'legacy-failed' },
  {
    operations: every,
    legacy: [429, 'Slow down'],
    status: 429,
    problem: 'legacy-rate-limited',
    retryAfter: true,
  },
  {
    operations: every,
    legacy: [503, 'Be right back'],
    status: 503,
    problem: 'legacy-unavailable',
    retryAfter: true,
  },
  { operations: every, legacy: [404, 'Fine', 'success'], status: 502, problem: 'legacy-invalid-response' },
];

const toTest = (rows: readonly Row[]) =>
  rows.flatMap((row) =>
    row.operations.map((operation) => ({ ...row, operation, title: row.legacy.join(' ') })),
  );

describe.each([
  ['the page', documented],
  ['beyond the page', beyond],
])('%s', (_, rows) => {
  test.each(toTest(rows))('$operation: $title → $status', async ({ operation, legacy, ...expected }) => {
    const [status, description, result = 'failed'] = legacy;
    const xml = `<response>\n<result>${result}</result>\n<result_description>${description}</result_description>\n</response>`;
    const response = await ask(operation, { legacy: () => new Response(xml, { status }) });
    expect(response.status).toBe(expected.status);
    expect(response.headers.has('Retry-After')).toBe(expected.retryAfter ?? false);
    if (expected.problem) await expectProblem(response, expected.problem);
    if (expected.status === 200) {
      expect(await response.json()).toEqual({ recordings: [], next_cursor: null });
    }
  });
});

const notAnAnswer: Record<string, () => Response> = {
  'an HTML page': () =>
    new Response('<html><body>Welcome</body></html>', { headers: { 'Content-Type': 'text/html' } }),
  'an HTML page as 404': () => new Response('<html><body>Not Found</body></html>', { status: 404 }),
  'an empty body': () => new Response(''),
  'a cut envelope': () => new Response('<response><result>success</result>'),
  JSON: () => Response.json({ result: 'success' }),
  'a redirect': () =>
    new Response(null, { status: 302, headers: { Location: 'https://elsewhere.example/?access_key=x' } }),
  'a bare 500': () => new Response('oops', { status: 500 }),
  'a DTD': () =>
    new Response('<!DOCTYPE response [<!ENTITY a "b">]><response><result>success</result></response>'),
  'another root': () => new Response('<answer><result>success</result></answer>'),
  'another result': () => new Response('<response><result>maybe</result></response>'),
};

test.each(every.flatMap((operation) => Object.keys(notAnAnswer).map((title) => ({ operation, title }))))(
  '$operation: $title is not a response of this API',
  async ({ operation, title }) => {
    const response = await ask(operation, { legacy: notAnAnswer[title] as () => Response });
    expect(response.status).toBe(502);
    await expectProblem(response, 'legacy-invalid-response');
  },
);

test.each(every)("%s: keys in the legacy service's description are removed", async (operation) => {
  const access = 'k3y+with/64=chars&of%it';
  const secret = 's3cret?with;others"<>';
  const echo = `Cannot open ${access} ${secret} ${encodeURIComponent(access)} https://legacy.example/?x=${encodeURIComponent(secret)}`;
  const escaped = echo.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const xml = `<response><result>failed</result><result_description>${escaped}</result_description></response>`;
  const response = await ask(operation, { legacy: () => new Response(xml, { status: 400 }) }, [
    access,
    secret,
  ]);
  const text = await response.text();
  expect(response.status).toBe(400);
  expect(text).toContain('Cannot open');
  for (const key of [access, secret]) {
    for (const form of [key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1)])
      expect(text).not.toContain(form);
  }
  expect(text).not.toContain('legacy.example');
});

async function ask(
  operation: Operation,
  options: GatewayOptions,
  keys = ['foofoofoo', 'foobarfoo'],
): Promise<Response> {
  const gateway = await startGateway(options);
  const { path, ...init } = operations[operation];
  const Authorization = `Basic ${btoa(keys.join(':'))}`;
  return gateway.fetch(path, {
    ...init,
    headers: { ...('headers' in init && init.headers), Authorization },
    redirect: 'manual',
  });
}

async function expectProblem(response: Response, slug: string): Promise<void> {
  expect(response.headers.get('Content-Type')).toBe('application/problem+json');
  const problem = await response.json();
  expect(problem).toMatchObject({ type: `/problems/${slug}`, status: response.status });
}
