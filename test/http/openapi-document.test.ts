/** The document has what a generator needs for a readable client that survives the next version. */
import { expect, test } from 'vitest';
import document from '../../openapi/openapi.json' with { type: 'json' };
import type { Json, JsonObject } from '../../src/openapi/json.ts';
import { problemTypes } from '../../src/problem/types.ts';
import { basic, startGateway } from '../support/harness.ts';

interface Found {
  readonly at: string;
  readonly object: JsonObject;
}

/** Every object in a part of the document, and its location. */
function* walk(part: Json, at: string): Generator<Found> {
  if (Array.isArray(part)) {
    for (const [index, inner] of part.entries()) yield* walk(inner, `${at}/${index}`);
  } else if (typeof part === 'object' && part !== null) {
    yield { at, object: part };
    for (const [name, inner] of Object.entries(part)) yield* walk(inner, `${at}/${name}`);
  }
}

const schemas = document.components.schemas as unknown as Record<string, JsonObject>;
const all = [...walk(document.paths as unknown as Json, ''), ...walk(schemas, '')];
const operations = Object.values(document.paths).flatMap((methods) =>
  Object.values(methods as unknown as Record<string, JsonObject>),
);
const properties = Object.entries(schemas).flatMap(([name, { properties: members = {} }]) =>
  Object.entries(members as Record<string, JsonObject>).map(([member, schema]) => ({
    at: `${name}.${member}`,
    schema,
  })),
);

test('every object and enumeration has a name', () => {
  const isNamed = (at: string) => /^\/\w+$/.test(at) && at.slice(1) in schemas;
  // Examples are data, and headers are not types.
  const inline = all
    .filter(({ at }) => !/\/(?:examples?|headers)(?:\/|$)/.test(at))
    .filter(({ at, object }) => !isNamed(at) && (object.type === 'object' || Array.isArray(object.enum)));
  expect(inline.map(({ at }) => at)).toEqual([]);
});

test('every type, member, parameter, body and response has a description', () => {
  const answers = operations.flatMap(({ responses }) => Object.values(responses as JsonObject));
  const parameters = operations.flatMap(({ parameters: given = [] }) => given as Json[]);
  const bodies = operations.flatMap(({ requestBody = [] }) => requestBody);
  for (const part of [...Object.values(schemas), ...answers, ...parameters, ...bodies] as JsonObject[]) {
    expect(part).toMatchObject({ description: expect.stringMatching(/\w{2,}.*\.$/s) });
  }
  for (const { at, schema } of properties.filter(({ schema }) => !('$ref' in schema))) {
    expect({ at, ...schema }).toMatchObject({ at, description: expect.stringMatching(/\w{2,}.*\.$/s) });
  }
});

test('every nullable member says when it is null', () => {
  const nullable = properties.filter(({ schema }) => Array.isArray(schema.type));
  expect(nullable).not.toHaveLength(0);
  for (const { at, schema } of nullable) {
    expect({ at, ...schema }).toMatchObject({ at, description: expect.stringContaining('Null ') });
  }
});

test('requests are closed, so that typing errors fail; responses are open, so that they can grow', () => {
  const closed = Object.keys(schemas).filter((name) => schemas[name]?.additionalProperties === false);
  expect(closed.sort()).toEqual([
    'AudioLinkRequest',
    'ExportRequest',
    'ExportSourceRequest',
    'UploadRequest',
  ]);
  for (const { responses } of operations) {
    for (const name of closed) expect(JSON.stringify(responses)).not.toContain(`/schemas/${name}"`);
  }
});

test('every problem is declared by some operation', () => {
  const declared = JSON.stringify(document.paths);
  // Declared methods are never 405, a client that has disconnected reads no response, and the last one is in reports.
  const elsewhere = ['method-not-allowed', 'client-closed-request', 'export-copy-damaged'];
  const missing = Object.keys(problemTypes).filter((slug) => !declared.includes(`/examples/${slug}"`));
  expect(missing.sort()).toEqual(elsewhere.sort());
});

test('a page of another origin may send every documented request header', async () => {
  const gateway = await startGateway({ env: { CORS_ORIGINS: 'https://app.example' } });
  const response = await gateway.fetch('/recordings', {
    method: 'OPTIONS',
    headers: { Origin: 'https://app.example', 'Access-Control-Request-Method': 'GET' },
  });
  const allowed = response.headers.get('Access-Control-Allow-Headers')?.split(/, ?/) ?? [];
  const declared = all
    .filter(({ object }) => object.in === 'header')
    .map(({ object }) => String(object.name));
  // OpenAPI describes these three elsewhere.
  const expected = [...declared, 'Accept', 'Authorization', 'Content-Type'];
  expect(allowed).toEqual(expect.arrayContaining(expected));
});

test('a documented range request gets a part', async () => {
  const gateway = await startGateway();
  const { parameters = [] } = document.paths['/recordings/{sid}/audio'].get as unknown as {
    parameters: { name: string; in: string; example?: string }[];
  };
  const range = parameters.find(({ name }) => name === 'Range')?.example ?? '';
  const response = await gateway.fetch('/recordings/0907065723240097/audio', {
    headers: { ...basic(gateway.emulator), Range: range },
  });
  expect(response.status).toBe(206);
  await response.body?.cancel();
});

/** The operations that a deployment's document says it does not offer, with their problems. */
async function loadMissing(options: Parameters<typeof startGateway>[0]) {
  const gateway = await startGateway(options);
  const served = (await (await gateway.fetch('/openapi.json')).json()) as typeof document;
  const found = Object.entries(served.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { operationId, description }]) => {
      const [, slug] = /^\*\*This deployment does not offer it:\*\* .* `(.+)`/.exec(description ?? '') ?? [];
      return { path, method: method.toUpperCase(), operationId, slug };
    }),
  );
  return { gateway, missing: found.filter(({ slug }) => slug !== undefined) };
}

/** A valid request of each operation that needs more than its path: the query, the type of its body, and the body. */
const requests: Readonly<Record<string, readonly [query: string, type: string, body: string]>> = {
  issueToken: ['', 'application/x-www-form-urlencoded', 'grant_type=client_credentials'],
  createExport: ['', 'application/json', JSON.stringify({ sources: [{ type: 'findme', id: 1234 }] })],
  uploadAudio: ['?type=findme&id=1234', 'audio/wav', 'RIFF'],
};
const exportId = document.paths['/exports/{export_id}'].get.parameters[0]?.schema.example ?? '';

test('the document names the operations that respond with 501, and a complete deployment has none', async () => {
  const { gateway, missing } = await loadMissing({});
  expect(missing.map(({ operationId }) => operationId)).toEqual(
    expect.arrayContaining([
      'createAudioLink',
      'issueToken',
      'uploadAudio',
      'createExport',
      'getExportEvents',
    ]),
  );
  expect(missing).toHaveLength(3 + 10);
  for (const { path, method, operationId, slug } of missing) {
    const [query = '', type, body] = requests[operationId] ?? [];
    const response = await gateway.fetch(
      path.replace('{export_id}', exportId).replace('{sid}', '1') + query,
      {
        method,
        headers: { ...basic(gateway.emulator), ...(type && { 'Content-Type': type }) },
        ...(body && { body }),
      },
    );
    expect([path, response.status, await response.json()]).toMatchObject([
      path,
      501,
      { type: `/problems/${slug}` },
    ]);
  }
  const complete = { withStore: true, withExports: true };
  const env = { TOKEN_KEYS: btoa('a key for tests, 32 bytes long..'), PUBLIC_URL: 'https://gateway.example' };
  expect((await loadMissing({ ...complete, env })).missing).toEqual([]);
});

const loadInfo = async (env: Record<string, string>, path = '/openapi.json') => {
  const gateway = await startGateway({ env });
  const response = await gateway.fetch(path);
  return ((await response.json()) as { info: JsonObject }).info;
};

test.each([
  ['ops@example.com', { email: 'ops@example.com' }],
  ['https://example.com/help', { url: 'https://example.com/help' }],
])('API_CONTACT=%s is the contact of the document', async (text, contact) => {
  expect((await loadInfo({ API_CONTACT: text })).contact).toEqual(contact);
});

test.each([
  ['MIT', { name: 'MIT' }],
  ['Terms 1.0 https://example.com/terms', { name: 'Terms 1.0', url: 'https://example.com/terms' }],
])('API_LICENSE=%s is the license of both documents', async (text, license) => {
  for (const path of ['/openapi.json', '/openapi-3.0.json']) {
    expect((await loadInfo({ API_LICENSE: text }, path)).license).toEqual(license);
  }
});

test('a document without an operator names neither', async () => {
  const { contact, license } = await loadInfo({});
  expect([contact, license]).toEqual([undefined, undefined]);
});

test('the document says what a new version may change, and for how long an old one works', () => {
  expect(document.info.description).toMatch(/\*\*Versions\.\*\*.*at least 12 months/s);
});

test('no form has an enum by reference, which the Rust generator gives a type that does not exist', () => {
  const { properties: members = {} } = schemas.TokenRequest ?? {};
  const { requestBody } = document.paths['/oauth/token'].post;
  expect(JSON.stringify(requestBody)).toContain('#/components/schemas/TokenRequest');
  expect(Object.values(members as JsonObject)).not.toHaveLength(0);
  expect(JSON.stringify(members)).not.toContain('$ref');
});
