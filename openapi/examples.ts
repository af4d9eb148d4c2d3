/** Makes one example per problem type from the type's own texts. */
import { type ProblemSlug, problemTypes } from '../src/problem/types.ts';

const more: Partial<Record<ProblemSlug, object>> = {
  'invalid-request': { errors: [{ parameter: 'limit', detail: 'must be a whole number from 1 to 1000' }] },
  'legacy-refused': { legacy_description: 'Parameter sid is not valid' },
};

export const problemExamples: Readonly<Record<string, { summary: string; value: object }>> =
  Object.fromEntries(
    Object.entries(problemTypes).map(([slug, { status, title, description }]) => [
      slug,
      {
        summary: title,
        value: {
          type: `/problems/${slug}`,
          title,
          status,
          detail: description,
          instance: '/recordings/0907065723240097',
          request_id: '2bf2071e-4973-43de-959d-f752d911692f',
          ...more[slug as ProblemSlug],
        },
      },
    ]),
  );
