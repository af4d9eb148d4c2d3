/** Uploads whose request body is the audio. */
import { createRoute } from '@hono/zod-openapi';
import { formats } from '../audio/formats.ts';
import { verifyOwnKeys } from '../auth/verified-accounts.ts';
import type { Gateway } from '../middleware/gateway.ts';
import { accessProblems } from '../middleware/secured.ts';
import { legacyProblems, problemResponses, requestHeaders } from '../openapi/schemas.ts';
import { createConcurrencyLimit } from '../primitives/concurrency-limit.ts';
import { Problem } from '../problem/problem.ts';
import type { Services } from '../services.ts';
import { formMediaType, openUploadBody, uploadMediaTypes } from '../uploads/body.ts';
import { bindKey } from '../uploads/execute-once.ts';
import { uploadStaged } from '../uploads/upload.ts';
import { AudioUploadSchema, uploadAudioQuery } from './upload-schemas.ts';

/** Each takes up to 3 MB of memory while it arrives, however slowly. */
const maxBodiesPerAccount = 40;

/** The largest body by default, at 1 Mbit/s. */
const longestBodyMs = 800_000;

const binary = { type: 'string', format: 'binary' } as const;

/** JSON Schema instead of zod, so that validation does not read the body. */
const content = {
  ...Object.fromEntries(uploadMediaTypes.map((mediaType) => [mediaType, { schema: binary }])),
  // No schema, since clients would get a union of bytes and a form; the example shows the form's one part.
  [formMediaType]: { example: { file: 'call.wav' } },
};

export function addUploadAudio(gateway: Gateway): void {
  const { app, secured, legacy, staging, idempotencyStore, corsOrigins, verifiedAccounts, waitUntil } =
    gateway;
  const bodies = createConcurrencyLimit({ limit: maxBodiesPerAccount });
  const access = secured('uploads:write', { checksReach: true });
  app.openapi(
    createRoute({
      operationId: 'uploadAudio',
      method: 'post',
      path: '/uploads/audio',
      tags: ['Uploads'],
      summary: 'Upload audio',
      description: `Accepts the audio as the body, or as the \`file\` of a form, and makes the legacy service fetch it from the gateway. The gateway keeps nothing of a rejected upload. An account sends at most ${maxBodiesPerAccount} bodies at a time.`,
      security: access.security,
      middleware: access.middleware,
      parameters: requestHeaders('Idempotency-Key'),
      request: {
        query: uploadAudioQuery,
        body: {
          required: true,
          description:
            'The audio, or an HTML form with the audio as its only file. Under `application/octet-stream` or without a type, its first bytes tell the format.',
          content,
        },
      },
      responses: {
        201: {
          description: 'The legacy service accepted the audio.',
          content: { 'application/json': { schema: AudioUploadSchema } },
        },
        ...problemResponses(
          ...accessProblems,
          'invalid-audio',
          'incomplete-body',
          'cross-site-form',
          'idempotency-key-in-use',
          'upload-outcome-unknown',
          'content-too-large',
          'unsupported-media-type',
          'idempotency-key-reused',
          'upload-staging-not-configured',
          'idempotency-not-configured',
          'store-unavailable',
          ...legacyProblems,
        ),
      },
    }),
    async (c) => {
      const { type, id } = c.req.valid('query');
      const context = c.get('context');
      const { caller } = context;
      gateway.reach.assertResource({ type, id }, context);
      if (!staging) throw notConfigured(gateway);
      const binding = { operation: 'uploadAudio', caller, store: idempotencyStore } as const;
      const key = await bindKey(c.req.header('Idempotency-Key'), binding);
      // Verified before the body is read, so that bytes sent with made-up keys are not stored.
      await verifyOwnKeys(verifiedAccounts, context);
      const onReceived = await bodies.beginSoon(caller.accountId, longestBodyMs);
      if (!onReceived) throw tooManyBodies();
      const body = await openUploadBody(c.req.raw, {
        limit: staging.limit,
        corsOrigins,
        isBasic: caller.authMethod === 'basic',
      }).catch((error: unknown) => {
        onReceived();
        throw error;
      });
      const upload = { type, id, key, format: body.format, incoming: body.incoming, onReceived };
      const work = uploadStaged({ legacy, staging }, upload, context).finally(onReceived);
      waitUntil(work.catch(() => {}));
      const { length } = await work;
      const warnings = body.warningsAt(length);
      return c.json(
        {
          type,
          ...(id !== undefined && { id: Number(id) }),
          content_type: formats[body.format].mediaType,
          content_length: length,
          ...(warnings.length > 0 && { warnings: [...warnings] }),
        },
        201,
      );
    },
  );
}

function tooManyBodies(): Problem {
  return new Problem('too-many-requests', {
    detail: `An account sends at most ${maxBodiesPerAccount} bodies at a time. Retry later.`,
    headers: [['Retry-After', '2']],
  });
}

function notConfigured({ store, publicUrl, sealer }: Services): Problem {
  const missing = [
    store ? null : 'STORE',
    publicUrl ? null : 'PUBLIC_URL',
    sealer ? null : 'TOKEN_KEYS',
  ].filter((name) => name !== null);
  return new Problem('upload-staging-not-configured', {
    detail: `This gateway accepts uploads by path only. For bytes, its operator must configure: ${missing.join('; ')}. POST /uploads with a path works.`,
  });
}
