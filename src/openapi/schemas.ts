/** Schemas that several routes share. */
import { z } from '@hono/zod-openapi';
import { type ProblemSlug, problemTypes } from '../problem/types.ts';
import type { HeaderName } from './headers.ts';
import type { RequestHeaderName } from './request-headers.ts';

/** The eight types of resources with recordings on the vendor's page. */
export const documentedTypes = [
  'findme',
  'locator',
  'recorded_calls',
  'survey',
  'queue',
  'powerdialer',
  'recorded_call',
  'user_recordings',
] as const;

const SidSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, underscores or hyphens')
  .openapi({
    param: {
      name: 'sid',
      in: 'path',
      description: 'The call SID (documented). A string, because it often starts with a zero (observed).',
    },
    minLength: 1,
    maxLength: 64,
    example: '0907065723240097',
  });

export const sidParameter = z.object({ sid: SidSchema });

/** The `error` option of an enumeration. */
export function mustBeOneOf(values: readonly string[]) {
  return ({ input }: { readonly input?: unknown }) =>
    input === undefined ? 'is required' : `must be one of ${values.join(', ')}`;
}

export const RecordingTypeSchema = z
  .enum(documentedTypes, { error: mustBeOneOf(documentedTypes) })
  .openapi('RecordingType', { description: 'The types of resources that own recordings (documented).' });

export const idError = 'must be a whole number of at most 15 digits';

/** A documented integer, kept as the digits that the client wrote. */
export const idParameter = z
  .string()
  .regex(/^\d{1,15}$/, idError)
  .openapi({
    type: 'integer',
    format: 'int64',
    minimum: 0,
    maximum: 999_999_999_999_999,
  });

/** `true`/`false`, and `1`/`0` as the legacy service writes them. */
export const booleanParameter = (fallback: boolean) =>
  z
    .enum(['true', 'false', '1', '0'], { error: 'must be true or false' })
    .default(fallback ? 'true' : 'false')
    .transform((text) => text === 'true' || text === '1')
    .openapi({ type: 'boolean', default: fallback });

const InputErrorSchema = z
  .object({
    parameter: z.string().max(64).optional().openapi({
      description: 'The invalid query, path or header parameter.',
      example: 'limit',
    }),
    pointer: z.string().max(512).optional().openapi({
      description: 'The invalid place in the body, as a JSON pointer (RFC 6901).',
      example: '/path',
    }),
    detail: z.string().max(500).openapi({
      description: 'Why it is invalid.',
      example: 'must be a whole number from 1 to 1000',
    }),
  })
  .openapi('InputError', { description: 'One invalid input: a parameter by name, or a place in the body.' });

/** `type` is not an enum: generated clients that reject unknown values would break on a new type. */
export const ProblemSchema = z
  .object({
    type: z
      .string()
      .max(100)
      .openapi({
        format: 'uri-reference',
        description: `Identifies the type of problem: branch on it. Its URL documents the type. New types may be added. Known types, after \`/problems/\`: ${Object.keys(problemTypes).join(', ')}.`,
        example: '/problems/recording-not-found',
      }),
    title: z.string().max(100).openapi({
      description: 'A short summary of the type.',
      example: 'Recording not found',
    }),
    status: z.int().min(400).max(599).openapi({
      format: 'int32',
      description: 'The HTTP status.',
      example: 404,
    }),
    detail: z.string().max(1000).openapi({
      description: 'The fault in this request, and how to correct it.',
      example: 'The account has no such recording.',
    }),
    instance: z.string().max(8192).openapi({
      format: 'uri-reference',
      description: 'The path of the request.',
      example: '/recordings/0907065723240097',
    }),
    request_id: z.string().max(255).openapi({
      pattern: '^[A-Za-z0-9_=-]+$',
      description:
        'Identifies the request in the log of the gateway. Quote it when you contact the operator.',
      example: '2bf2071e-4973-43de-959d-f752d911692f',
    }),
    errors: z
      .array(InputErrorSchema)
      .max(100)
      .optional()
      .openapi({ description: 'Each invalid input. Present with `invalid-request`.' }),
    legacy_description: z.string().max(200).optional().openapi({
      description: 'The description that the legacy service sent, without keys or URLs.',
      example: 'Parameter sid is not valid',
    }),
  })
  .openapi('Problem', { description: 'A problem (RFC 9457).' });

/** The `headers` of a response. */
export function headers(...names: HeaderName[]) {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** For a header that only some responses of a status have. */
export function sometimes(name: 'Content-Range' | 'Retry-After') {
  return { [name]: { $ref: `#/components/headers/${name}-Optional` } };
}

/** The header `parameters` of an operation. HTTP ignores them where they do not apply, so they are not validated. */
export function requestHeaders(...names: RequestHeaderName[]) {
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
}

const headersOf: Partial<Record<string, object>> = {
  // Two credentials in one request (RFC 6750 section 3.1).
  400: headers('WWW-Authenticate'),
  401: headers('WWW-Authenticate'),
  403: headers('WWW-Authenticate'),
  // Only some have `Retry-After`: the legacy service may reject with these statuses too, and no wait reveals an
  // unknown upload.
  409: sometimes('Retry-After'),
  416: sometimes('Content-Range'),
  429: headers('Retry-After'),
  503: headers('Retry-After'),
};

/** Problems of every operation that calls the legacy service. */
export const legacyProblems = [
  'legacy-refused',
  'legacy-rate-limited',
  'legacy-failed',
  'legacy-invalid-response',
  'legacy-unreachable',
  'legacy-credentials-rejected',
  'legacy-unavailable',
  'legacy-timeout',
  'overloaded',
] as const satisfies ProblemSlug[];

/** The `responses` of problems by status. Problems of one status share an entry with an example each. */
export function problemResponses(...slugs: ProblemSlug[]): Record<never, never> {
  const all: ProblemSlug[] = [...slugs, 'uri-too-long', 'internal-error'];
  const statuses = new Set(all.map(statusKey));
  const isOpen = !all.includes('credentials-missing');
  return Object.fromEntries(
    [...statuses].map((status) => {
      const here = all.filter((slug) => statusKey(slug) === status);
      const examples = here.map((slug) => [slug, { $ref: `#/components/examples/${slug}` }]);
      return [
        status,
        {
          description: `${here.map((slug) => problemTypes[slug].title).join('; ')}.`,
          headers: isOpen && status === '400' ? {} : (headersOf[status] ?? {}),
          content: {
            'application/problem+json': { schema: ProblemSchema, examples: Object.fromEntries(examples) },
          },
        },
      ];
    }),
  );
}

/** The legacy service may reject with any 4xx, so that type is listed under the range. */
function statusKey(slug: ProblemSlug): string {
  return slug === 'legacy-refused' ? '4XX' : String(problemTypes[slug].status);
}
