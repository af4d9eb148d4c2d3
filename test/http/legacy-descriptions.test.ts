/** Every description of the legacy service, for every action, leads to a documented response: the harness checks it. */
import { describe, expect, test } from 'vitest';
import { basic, startGateway } from '../support/harness.ts';
import { operations } from '../support/operations.ts';

const words = [
  'File not found',
  'No results returned',
  'The requested recording is currently being processed by the system. Please check back later.',
  'Invalid api_key',
  'Parameter path is required',
  'Error in retrieving recording',
  'Something else',
  '',
];

/** Some statuses have a meaning of their own in HTTP; a rejection by the legacy service shares only the number. */
const heads = [
  [200, 'success'],
  ...[200, 202, 400, 401, 404, 409, 412, 416, 422, 500].map((status) => [status, 'failed'] as const),
] as const;

const env = { TOKEN_KEYS: btoa('a key for tests, 32 bytes long..') };
/** They call no legacy service. */
const own = /^(get(Health|Readiness|OpenApi|Problem|Index|Staged)|createAudioLink)/;
const asking = operations.filter(({ operationId }) => !own.test(operationId));

describe.each(asking)('$operationId', ({ path, init }) => {
  test.each(words)('"%s" has a documented response', { timeout: 30_000 }, async (text) => {
    for (const [status, result] of heads) {
      const xml = `<response><result>${result}</result><result_description>${text}</result_description></response>`;
      const gateway = await startGateway({ env, legacy: () => new Response(xml, { status }) });
      const headers = { ...init.headers, ...basic(gateway.emulator) };
      await expect(gateway.fetch(path, { ...init, headers })).resolves.toBeDefined();
    }
  });
});

test.each([
  { status: 404, answer: 404, problem: 'legacy-refused' },
  { status: 200, answer: 502, problem: 'legacy-failed' },
])('"File not found" for an upload ($status) concerns its path, not a recording', async (row) => {
  const { status, answer, problem } = row;
  const xml =
    '<response><result>failed</result><result_description>File not found</result_description></response>';
  const gateway = await startGateway({ legacy: () => new Response(xml, { status }) });
  const response = await gateway.fetch('/uploads', {
    method: 'POST',
    headers: { ...basic(gateway.emulator), 'Content-Type': 'application/json' },
    body: JSON.stringify({ type: 'findme', id: 1234, path: '/a.wav' }),
  });
  expect(response.status).toBe(answer);
  expect(await response.json()).toMatchObject({
    type: `/problems/${problem}`,
    legacy_description: 'File not found',
  });
});

test.each(['/?', 'a.', 'key ', '/?/=', 'a'])(
  'a description of 60,000 characters of "%s" does not block the event loop',
  { timeout: 10_000 },
  async (text) => {
    const words = text.repeat(60_000 / text.length);
    const xml = `<response><result>failed</result><result_description>${words}</result_description></response>`;
    const gateway = await startGateway({ legacy: () => new Response(xml, { status: 400 }) });
    const response = await gateway.fetch('/recordings?type=findme&id=1234', {
      headers: basic(gateway.emulator),
    });
    expect(response.status).toBe(400);
    expect((await response.json()).legacy_description?.length).toBeLessThanOrEqual(200);
  },
);
