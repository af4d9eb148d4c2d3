/** Shapes that several routes share. */
import { z } from '@hono/zod-openapi';
import { type ProblemSlug, problemTypes } from '../problem/types.ts';

/** The page's eight types of things that have recordings. */
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

export const sidParameter = z.object({
  sid: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, underscores or hyphens')
    .openapi({
      param: { name: 'sid', in: 'path', description: 'The call SID. A string: it often starts with a zero.' },
      example: '0907065723240097',
    }),
});

/** The documented integer, kept as the digits that were written. */
export const idParameter = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number of at most 15 digits')
  .openapi({
    type: 'integer',
    format: 'int64',
    minimum: 0,
    maximum: 999_999_999_999_999,
  });

/** `true`/`false`, and `1`/`0` as the legacy writes them. */
export const booleanParameter = (fallback: boolean) =>
  z
    .enum(['true', 'false', '1', '0'], { error: 'must be true or false' })
    .default(fallback ? 'true' : 'false')
    .transform((text) => text === 'true' || text === '1')
    .openapi({ type: 'boolean', default: fallback });

export const ProblemSchema = z
  .object({
    type: z
      .string()
      .max(100)
      .openapi({ format: 'uri-reference', description: 'Names the kind of problem, and resolves.' }),
    title: z.string().max(100),
    status: z.int().min(400).max(599),
    detail: z.string().max(1000).openapi({ description: 'What is wrong this time, and what to do.' }),
    instance: z.string().max(8192).openapi({ format: 'uri-reference' }),
    request_id: z.string().max(128).openapi({ description: 'Finds the request in the log of the gateway.' }),
    errors: z
      .array(
        z
          .object({
            parameter: z.string().max(64).optional().openapi({ description: 'The parameter that is wrong.' }),
            pointer: z
              .string()
              .max(512)
              .optional()
              .openapi({ description: 'The place in the body (RFC 6901).' }),
            detail: z.string().max(500),
          })
          .openapi('InputError'),
      )
      .max(100)
      .optional(),
    legacy_description: z
      .string()
      .max(200)
      .optional()
      .openapi({ description: "The legacy service's own words, scrubbed." }),
  })
  .openapi('Problem', { description: 'RFC 9457 problem details.' });

const headersOf: Partial<Record<number, Record<string, object>>> = {
  401: {
    'WWW-Authenticate': { schema: { type: 'string' }, description: 'How to authenticate (RFC 9110 11.6.1).' },
  },
  409: { 'Retry-After': retryAfterHeader() },
  429: { 'Retry-After': retryAfterHeader() },
  503: { 'Retry-After': retryAfterHeader() },
};

export function retryAfterHeader() {
  return {
    schema: { type: 'integer' as const, minimum: 0 },
    description: 'Seconds to wait before trying again.',
  };
}

/** What any operation on the legacy can end with. */
export const legacyProblems = [
  'legacy-refused',
  'legacy-rate-limited',
  'legacy-failed',
  'legacy-invalid-response',
  'legacy-unreachable',
  'legacy-credentials-rejected',
  'legacy-unavailable',
  'legacy-timeout',
] as const satisfies ProblemSlug[];

/** The `responses` of problems by status; several of one status share an entry that names them. */
export function problemResponses(...slugs: ProblemSlug[]): Record<never, never> {
  const all: ProblemSlug[] = [...slugs, 'uri-too-long', 'internal-error'];
  const statuses = new Set(all.map(statusKey));
  return Object.fromEntries(
    [...statuses].map((status) => [
      status,
      {
        description: all
          .filter((slug) => statusKey(slug) === status)
          .map((slug) => `\`${slug}\`: ${problemTypes[slug].title}.`)
          .join(' '),
        headers: headersOf[Number(status)] ?? {},
        content: { 'application/problem+json': { schema: ProblemSchema } },
      },
    ]),
  );
}

/** The legacy may refuse with any 4xx of its own, so that type stands under the range. */
function statusKey(slug: ProblemSlug): string {
  return slug === 'legacy-refused' ? '4XX' : String(problemTypes[slug].status);
}
