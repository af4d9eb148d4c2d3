/** Checks a response against the document, which must declare its status, headers, media type and body. */
import { type Schema, Validator } from '@cfworker/json-schema';
import document from '../../openapi/openapi.json' with { type: 'json' };
import type { JsonObject } from '../../src/openapi/json.ts';

export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
}

interface Content {
  readonly schema?: JsonObject;
  readonly examples?: JsonObject;
}

interface DeclaredResponse {
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, Content>>;
}

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, DeclaredResponse>>;
}

interface DeclaredHeader {
  readonly required?: boolean;
  readonly schema: JsonObject;
}

const problemType = 'application/problem+json';

/** For connections, caches, browsers and preflights; generated clients never read them. */
const undeclared =
  /^(content-(length|type|encoding|security-policy)|date|connection|keep-alive|transfer-encoding|strict-transport-security|x-content-type-options|x-frame-options|referrer-policy|cross-origin-\w+-policy|permissions-policy|access-control-[\w-]+|pragma|accept-encoding)$/;

/** For people; no client is generated for them. */
const pages = /^\/(?:assets|docs|panel)?(?:\/|$)/;

const routes = Object.entries(document.paths).map(([template, operations]) => ({
  pattern: new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  /** Fewer wildcards first, as in a router. */
  wildcards: template.split('{').length,
  operations: operations as unknown as Partial<Record<string, Operation>>,
}));
routes.sort((one, other) => one.wildcards - other.wildcards);

const components = { ...document.components, schemas: closeAll(document.components.schemas) };

/** Throws if the document declares otherwise or nothing. The body remains readable. */
export async function assertDocumented({ method, path }: Asked, response: Response): Promise<void> {
  const [written = ''] = path.split(/[?#]/);
  // Extra slashes are ignored; `/` itself stays.
  const pathname = written.replace(/^\/{2,}/, '/').replace(/(?<=.)\/$/, '');
  // Node's HTTP parser itself responds to an oversized head.
  if (method === 'OPTIONS' || response.status === 431) return;
  const found = routes
    .filter(({ pattern }) => pattern.test(pathname))
    .map(({ operations }) => operations[(method === 'HEAD' ? 'get' : method).toLowerCase()])
    .find((operation) => operation !== undefined);
  const faults = found
    ? await findFaults(found, method, response)
    : pages.test(pathname)
      ? []
      : await findStrayFaults(response);
  if (faults.length === 0) return;
  const name = found?.operationId ?? 'no operation';
  throw new Error(
    `${method} ${path} (${name}) ${response.status} is not documented: ${faults.join('; ')}. ` +
      'Did you run `npm run openapi` after a change of its declaration?',
  );
}

async function findFaults(operation: Operation, method: string, response: Response): Promise<string[]> {
  const { status } = response;
  const range = operation.responses[`${Math.floor(status / 100)}XX`];
  const declared = operation.responses[status] ?? range;
  if (!declared) return ['the status'];
  const faults = findHeaderFaults(declared, response.headers);
  if (method === 'HEAD') return faults;
  // The legacy service may reject with a status that other problems have too.
  const slugs = [declared, range].flatMap((known) =>
    Object.keys(known?.content?.[problemType]?.examples ?? {}),
  );
  return [...faults, ...(await findBodyFaults(declared, { response, slugs }))];
}

/** A path that does not exist must be one of the two problems that say so. */
async function findStrayFaults(response: Response): Promise<string[]> {
  const isProblem = response.headers.get('Content-Type') === problemType;
  return isProblem && [400, 404, 405, 414, 429, 500].includes(response.status) ? [] : ['the path'];
}

function findHeaderFaults({ headers = {} }: DeclaredResponse, present: Headers): string[] {
  const declared = new Map(
    Object.entries(headers).map(([name, { $ref }]) => [
      name.toLowerCase(),
      resolve($ref) as unknown as DeclaredHeader,
    ]),
  );
  const strays = [...present.keys()].filter((name) => !undeclared.test(name) && !declared.has(name));
  const missing = [...declared].filter(([name, { required }]) => required && !present.has(name));
  const wrong = [...declared].filter(([name, { schema }]) => {
    const value = present.get(name);
    return value !== null && !isValid(schema, schema.type === 'integer' ? Number(value) : value);
  });
  return [
    ...strays.map((name) => `the header ${name}`),
    ...missing.map(([name]) => `there is no header ${name}`),
    ...wrong.map(([name]) => `the value of the header ${name}: ${present.get(name)}`),
  ];
}

async function findBodyFaults(
  { content = {} }: DeclaredResponse,
  { response, slugs }: { response: Response; slugs: readonly string[] },
): Promise<string[]> {
  const [mediaType = ''] = (response.headers.get('Content-Type') ?? '').split(';');
  if (mediaType === '') return Object.keys(content).length === 0 ? [] : ['there is no media type'];
  const declared = content[mediaType];
  if (!declared) return [`the media type ${mediaType}`];
  if (!/json$/.test(mediaType) || !declared.schema) return [];
  // The test itself checks a body that breaks off.
  const text = await response
    .clone()
    .text()
    .catch(() => null);
  if (text === null) return [];
  const body: JsonObject = JSON.parse(text);
  const { valid, errors } = validate(declared.schema, body);
  if (!valid)
    return [`the body: ${errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`)}`];
  if (mediaType !== problemType) return [];
  const slug = String(body.type).replace(/^.*\/problems\//, '');
  return slugs.includes(slug) ? [] : [`the problem ${slug}`];
}

function isValid(schema: JsonObject, value: unknown): boolean {
  return validate(schema, value).valid;
}

const validators = new Map<string, Validator>();

function validate(schema: JsonObject, value: unknown) {
  const key = JSON.stringify(schema);
  const known = validators.get(key);
  const validator = known ?? new Validator({ ...schema, components } as Schema, '2020-12', false);
  validators.set(key, validator);
  return validator.validate(value);
}

function resolve(pointer: string): JsonObject {
  return pointer
    .split('/')
    .slice(1)
    .reduce((place, name) => place[name] as JsonObject, document as unknown as JsonObject);
}

/** Clients must accept unknown members; our responses must not contain any. */
function closeAll(schemas: object): JsonObject {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      'properties' in schema && !('additionalProperties' in schema)
        ? { ...schema, additionalProperties: false }
        : schema,
    ]),
  );
}
