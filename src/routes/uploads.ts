/** Uploads: audio that the legacy service takes from a place it can reach. */
import { createRoute, z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { Problem } from '../problem/problem.ts';
import type { AppEnv, Gateway } from './gateway.ts';
import { documentedTypes, legacyProblems, problemResponses } from './schemas.ts';
import { PathSchema } from './upload-path.ts';

/** What the vendor's own clients sent beside the page's types; these five need no id. */
const typesWithoutId = ['general', 'voting', 'holdmusic', 'whisperaudio', 'prompts'] as const;
const observedTypes = ['survo', 'vmail', ...typesWithoutId] as const;

const UploadSchema = z
  .strictObject({
    type: z.enum([...documentedTypes, ...observedTypes]).openapi({
      description: `What the audio is for. Documented: ${documentedTypes.join(', ')}. Observed in the vendor's clients: ${observedTypes.join(', ')}.`,
      example: 'findme',
    }),
    id: z
      .int()
      .min(0)
      .max(999_999_999_999_999)
      .optional()
      .openapi({
        format: 'int64',
        description: `The id of a thing of that type. Required but for ${typesWithoutId.join(', ')}.`,
        example: 1234,
      }),
    path: PathSchema,
  })
  .refine(({ type, id }) => id !== undefined || isWithoutId(type), {
    path: ['id'],
    error: 'is required for this type',
  })
  .openapi('Upload');

function isWithoutId(type: string): boolean {
  return typesWithoutId.some((name) => name === type);
}

/** In bytes. An upload names a place; it is never long. */
const maxBody = 16 * 1024;

const jsonOnly = createMiddleware<AppEnv>(async (c, next) => {
  if (!/^application\/json\s*(;|$)/i.test(c.req.header('Content-Type') ?? '')) {
    throw new Problem('unsupported-media-type', { detail: 'The body has to be application/json.' });
  }
  await next();
});

const smallBody = bodyLimit({
  maxSize: maxBody,
  onError: () => {
    throw new Problem('content-too-large', { detail: `The body has at most ${maxBody} bytes.` });
  },
});

export function addUploads({ app, requires, legacy }: Gateway): void {
  const requirement = requires('uploads:write');
  app.openapi(
    createRoute({
      operationId: 'createUpload',
      method: 'post',
      path: '/uploads',
      tags: ['Uploads'],
      summary: 'Upload audio from a URL or path',
      description:
        'The legacy service fetches the audio from `path` by itself. It names no identifier for what it took, so the answer has no `Location`.',
      security: requirement.security,
      middleware: [requirement.middleware, jsonOnly, smallBody] as const,
      request: { body: { required: true, content: { 'application/json': { schema: UploadSchema } } } },
      responses: {
        201: {
          description: 'The legacy service took the audio. The answer repeats what was uploaded.',
          content: { 'application/json': { schema: UploadSchema } },
        },
        ...problemResponses(
          'invalid-request',
          'credentials-missing',
          'credentials-rejected',
          'content-too-large',
          'unsupported-media-type',
          ...legacyProblems,
        ),
      },
    }),
    async (c) => {
      const upload = c.req.valid('json');
      const id = upload.id?.toString();
      const context = { credentials: c.get('caller').credentials, signal: c.req.raw.signal };
      await legacy.execute({ action: 'recording.upload', parameters: { ...upload, id } }, context);
      return c.json(upload, 201);
    },
  );
}
