/**
 * The served document is true: the gateway accepts requests that it allows, rejects those that it forbids, and
 * returns only documented responses.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import document from '../../openapi/openapi.json' with { type: 'json' };
import { basic, startGateway } from '../support/harness.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

interface Case {
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method: method.toUpperCase(),
    operation: operation as unknown as Operation,
  })),
);

/** Issues tokens and links, and every URL that the vendor fetches exists. */
const options = {
  env: { TOKEN_KEYS: btoa('a key for tests, 32 bytes long..') },
  emulator: { fetchPath: async () => new Response('RIFF\0\0\0\0WAVEfmt ') },
};

/** Inputs that no schema describes: only the gateway can create valid ones, or they are bytes. */
const opaque = new Set(['cursor', 'after', 'token', 'file', 'slug']);
/** They declare no query parameters and ignore all. */
const withoutQuery = new Set(['createUpload', 'createAudioLink', 'issueToken']);

const bodiesOfBytes = new Set(['uploadAudio']);

/** Five thousand in total. */
const numRuns = Math.ceil(5000 / (2 * operations.length));

describe.each(operations)('$operation.operationId', ({ path, method, operation }) => {
  test(`accepts requests that the document allows`, { timeout: 60_000 }, async () => {
    const gateway = await startGateway(options);
    const headers = basic(gateway.emulator);
    const property = fc.asyncProperty(goodCase({ path, method, operation }), async (good) => {
      gateway.emulator.reset();
      const { status } = await gateway.fetch(good.path, toInit(good, headers));
      expect([400, 415, 422, 500]).not.toContain(status);
    });
    await fc.assert(property, { numRuns });
  });

  const bad = badCase({ path, method, operation });
  test.runIf(bad)('rejects requests that the document forbids', { timeout: 60_000 }, async () => {
    if (!bad) return;
    const gateway = await startGateway(options);
    const headers = basic(gateway.emulator);
    const property = fc.asyncProperty(bad, async (refused) => {
      const { status } = await gateway.fetch(refused.path, toInit(refused, headers));
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(gateway.emulator.calls.length).toBe(0);
    });
    await fc.assert(property, { numRuns });
  });
});

interface Place {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

function toInit({ method, body, headers }: Case, credentials: Record<string, string>): RequestInit {
  return { method, headers: { ...credentials, ...headers }, ...(body !== null && { body }) };
}

function goodCase({ path, method, operation }: Place): fc.Arbitrary<Case> {
  const { parameters = [] } = operation;
  const values = fc.record(
    Object.fromEntries(parameters.map((parameter) => [parameter.name, goodParameter(parameter)])),
  );
  return fc
    .tuple(values, goodBody(operation))
    .map(([given, body]) => toCase({ path, method, operation }, inOrder(given), body));
}

/** A schema cannot say that `from` must not be after `to`, nor `min_seconds` above `max_seconds`. */
function inOrder<Given extends Record<string, unknown>>(given: Given): Given {
  const { from, to, min_seconds: min, max_seconds: max } = given;
  const days =
    from !== undefined && to !== undefined && String(from) > String(to) ? { from: to, to: from } : {};
  const isReversed = min !== undefined && max !== undefined && Number(min) > Number(max);
  return { ...given, ...days, ...(isReversed && { min_seconds: max, max_seconds: min }) };
}

function goodParameter({ name, schema, required, in: place }: Parameter): fc.Arbitrary<string | undefined> {
  if (opaque.has(name)) return place === 'path' ? fc.constant(known[name]) : fc.constant(undefined);
  const value = good(schema).map(String);
  // The type decides whether an upload needs its id.
  return required || name === 'id' ? value : fc.option(value, { nil: undefined });
}

const known: Readonly<Record<string, string>> = { slug: 'not-found', file: 'x.wav' };

function badCase(place: Place): fc.Arbitrary<Case> | null {
  const cases = [...badParameters(place), ...badBodies(place)];
  return cases.length > 0 ? fc.oneof(...cases) : null;
}

/** One parameter at a time is invalid; and one is unknown. */
function badParameters({ path, method, operation }: Place): fc.Arbitrary<Case>[] {
  const { parameters = [] } = operation;
  const checked = parameters.filter(({ name, in: place }) => !opaque.has(name) && place !== 'header');
  const secured = 'security' in operation && (operation.security as unknown[]).length > 1;
  const fine = goodCase({ path, method, operation });
  const wrong = checked.map(({ name, schema, in: place }) =>
    fc
      .tuple(
        fine,
        // URLs resolve one or two dots as path segments, in any encoding.
        bad(schema).filter((value) => place !== 'path' || !/^\.{1,2}$/.test(value)),
      )
      .map(([request, value]) => replace(request, { name, place, value, path })),
  );
  if (!secured || withoutQuery.has(operation.operationId)) return wrong;
  const unknown = fine.map((request) => ({
    ...request,
    path: `${request.path}${request.path.includes('?') ? '&' : '?'}unknown=1`,
  }));
  return [...wrong, unknown];
}

function replace(
  request: Case,
  { name, place, value, path }: { name: string; place: string; value: string; path: string },
): Case {
  const [pathname = '', search = ''] = request.path.split('?');
  const query = new URLSearchParams(search);
  if (place === 'query') {
    query.set(name, value);
    return { ...request, path: `${pathname}?${query}` };
  }
  const wrong = path.replace(`{${name}}`, encodeURIComponent(value));
  return { ...request, path: `${wrong}?${query}` };
}

function badBodies(place: Place): fc.Arbitrary<Case>[] {
  const schema = jsonSchema(place.operation);
  if (!schema) return [];
  const { properties = {}, required = [] } = resolve(schema);
  const body = fc.oneof(
    fc.constantFrom('', '{', '[]', 'null', '"text"', '1', '{"unknown":1}'),
    ...required.map((name) =>
      goodObject(schema).map((object) => JSON.stringify({ ...object, [name]: undefined })),
    ),
    ...Object.entries(properties).map(([name, property]) =>
      fc
        .tuple(goodObject(schema), badValue(property))
        .map(([object, value]) => JSON.stringify({ ...object, [name]: value })),
    ),
  );
  return [fc.tuple(goodCase(place), body).map(([request, text]) => ({ ...request, body: text }))];
}

function toCase(
  { path, method, operation }: Place,
  given: Record<string, string | undefined>,
  body: string | null,
): Case {
  const query = new URLSearchParams();
  let target = path;
  for (const { name, in: place } of operation.parameters ?? []) {
    const value = given[name];
    if (value === undefined) continue;
    if (place === 'path') target = target.replace(`{${name}}`, encodeURIComponent(value));
    if (place === 'query') query.set(name, value);
  }
  const mediaType = Object.keys(operation.requestBody?.content ?? {})[0];
  const headers: Record<string, string> = mediaType ? { 'Content-Type': mediaType } : {};
  const search = query.size > 0 ? `?${query}` : '';
  return { method, path: target + search, body, headers };
}

function goodBody(operation: Operation): fc.Arbitrary<string | null> {
  const schema = jsonSchema(operation);
  if (schema) return goodObject(schema).map((object) => JSON.stringify(inOrder(object)));
  if (operation.operationId === 'issueToken') {
    return fc
      .constantFrom('recordings:read', 'uploads:write')
      .map((scope) => new URLSearchParams({ grant_type: 'client_credentials', scope }).toString());
  }
  return fc.constant(bodiesOfBytes.has(operation.operationId) ? 'RIFF' : null);
}

function jsonSchema({ requestBody }: Operation): Schema | undefined {
  return requestBody?.content['application/json']?.schema;
}

/** Key patterns have rules that the document lacks; each of these is good for every sample rate. */
const goodPatterns = ['{sid}-{sample_rate}.{format}', 'a/{dnis}/{yyyy}.{mm}/{sid}.{sample_rate}.{format}'];

function goodObject(schema: Schema): fc.Arbitrary<Record<string, unknown>> {
  const { properties = {}, required = [] } = resolve(schema);
  const values = Object.entries(properties).map(([name, property]) => {
    // Whether an id is required depends on the type, and the rules of a path exceed a pattern.
    if (name === 'path')
      return [
        name,
        fc.oneof(
          fc.webUrl(),
          fc.webPath().map((text) => `/a${text}`),
        ),
      ] as const;
    if (name === 'key_pattern') return [name, fc.constantFrom(...goodPatterns)] as const;
    return [name, good(property)] as const;
  });
  const optional = Object.keys(properties).filter((name) => !required.includes(name) && name !== 'id');
  const requiredKeys = Object.keys(properties).filter((name) => !optional.includes(name));
  return fc.record(Object.fromEntries(values), { requiredKeys }) as fc.Arbitrary<Record<string, unknown>>;
}

function resolve(schema: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1);
  const schemas: Readonly<Record<string, unknown>> = document.components.schemas;
  return name ? (schemas[name] as Schema) : schema;
}

function good(declared: Schema): fc.Arbitrary<unknown> {
  const schema = resolve(declared);
  const { minimum = 0, maximum = 2 ** 31 } = schema;
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'object') return goodObject(schema);
  if (schema.type === 'array' && schema.items) {
    const selector = (item: unknown) => JSON.stringify(item);
    return fc.uniqueArray(good(schema.items), { minLength: schema.minItems ?? 0, maxLength: 5, selector });
  }
  if (schema.type === 'integer') {
    const within = fc.maxSafeNat().map((number) => minimum + (number % (maximum - minimum + 1)));
    return fc.oneof(fc.constantFrom(minimum, maximum), within);
  }
  if (schema.format === 'date') {
    const max = new Date('9999-12-31');
    return fc
      .date({ min: new Date('0001-01-01'), max, noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
  }
  if (schema.pattern) return fc.stringMatching(new RegExp(schema.pattern));
  return fc.string({ minLength: schema.minLength ?? 0, maxLength: Math.min(schema.maxLength ?? 50, 50) });
}

/** As text in a query or path. */
function bad(declared: Schema): fc.Arbitrary<string> {
  const schema = resolve(declared);
  const noise = fc.constantFrom('!', ' ', 'x y', '%', '日', '-1', '1e3', '0x10', '1.5', 'null', 'NaN');
  const isGood = toMatcher(schema);
  const beyond = [schema.minimum, schema.maximum].flatMap((bound) =>
    bound === undefined ? [] : [String(bound - 1), String(bound + 1)],
  );
  return fc
    .oneof(noise, fc.string({ minLength: 1, maxLength: 20 }), fc.constantFrom('!', ...beyond))
    .filter((text) => text !== '' && !isGood(text));
}

/** As a JSON value. */
function badValue(declared: Schema): fc.Arbitrary<unknown> {
  const schema = resolve(declared);
  const others = fc.constantFrom(null, {}, [], schema.type === 'string' ? 7 : '7', true, 1.5);
  if (schema.type !== 'integer') return others;
  const { minimum = 0, maximum = 0 } = schema;
  return fc.oneof(others, fc.constantFrom(minimum - 1, maximum + 1));
}

function toMatcher(schema: Schema): (text: string) => boolean {
  // Formats ignore case and a leading dot, and `1` and `0` are booleans too, as their descriptions say.
  if (schema.enum) {
    return (text) => schema.enum?.includes(text.toLowerCase().replace(/^\./, '')) ?? false;
  }
  if (schema.type === 'boolean') return (text) => /^(true|false|1|0)$/.test(text);
  if (schema.type === 'integer') {
    const { minimum = 0, maximum = 0 } = schema;
    return (text) => /^\d+$/.test(text) && Number(text) >= minimum && Number(text) <= maximum;
  }
  if (schema.format === 'date') return (text) => /^\d{4}-\d\d-\d\d$/.test(text);
  const pattern = new RegExp(schema.pattern ?? '');
  return (text) => pattern.test(text);
}
