/** Uploads of audio that the legacy service fetches from a given path. */
import { createRoute } from '@hono/zod-openapi';
import type { Caller } from '../auth/caller.ts';
import { verifyOwnKeys } from '../auth/verified-accounts.ts';
import { LegacyError } from '../legacy/failure.ts';
import { takesAtMost, takesOnly } from '../middleware/body.ts';
import type { Gateway } from '../middleware/gateway.ts';
import { accessProblems } from '../middleware/secured.ts';
import { legacyProblems, problemResponses, requestHeaders } from '../openapi/schemas.ts';
import { Problem } from '../problem/problem.ts';
import type { AllowedPaths } from '../uploads/allowed-paths.ts';
import { bindKey, callLegacy, executeOnce, toFingerprint } from '../uploads/execute-once.ts';
import { toSentPath } from '../uploads/path.ts';
import { UploadRequestSchema, UploadSchema } from './upload-schemas.ts';

/** In bytes: a path of 8,000 characters may take six bytes each in JSON. */
const maxBody = 64 * 1024;

export function addUploads(gateway: Gateway): void {
  const { app, secured, legacy, idempotencyStore, allowedPaths, verifiedAccounts, waitUntil } = gateway;
  const access = secured('uploads:write', { checksReach: true });
  app.openapi(
    createRoute({
      operationId: 'createUpload',
      method: 'post',
      path: '/uploads',
      tags: ['Uploads'],
      summary: 'Upload audio from a URL or path',
      description:
        'The legacy service fetches the audio from `path`. It returns no identifier for the upload, so the response has no `Location`.',
      security: access.security,
      middleware: [access.middleware, takesOnly('application/json'), takesAtMost(maxBody)] as const,
      parameters: requestHeaders('Idempotency-Key'),
      request: {
        body: {
          required: true,
          description: 'The location of the audio, and its purpose.',
          content: { 'application/json': { schema: UploadRequestSchema } },
        },
      },
      responses: {
        201: {
          description: 'The legacy service accepted the audio. The response repeats the upload.',
          content: { 'application/json': { schema: UploadSchema } },
        },
        ...problemResponses(
          ...accessProblems,
          'upload-path-not-allowed',
          'idempotency-key-in-use',
          'upload-outcome-unknown',
          'content-too-large',
          'unsupported-media-type',
          'idempotency-key-reused',
          'idempotency-not-configured',
          'store-unavailable',
          ...legacyProblems,
        ),
      },
    }),
    async (c) => {
      const upload = c.req.valid('json');
      const context = c.get('context');
      const { caller } = context;
      gateway.reach.assertResource(upload, context);
      assertAllowed(upload.path, caller, allowedPaths);
      const binding = { operation: 'createUpload', caller, store: idempotencyStore } as const;
      const key = await bindKey(c.req.header('Idempotency-Key'), binding);
      // A replay does not call the legacy service, so verify the keys first.
      if (key) await verifyOwnKeys(verifiedAccounts, context);
      const fingerprint = await toFingerprint([upload.type, upload.id, upload.path]);
      const parameters = { ...upload, id: upload.id?.toString(), path: toSentPath(upload.path) };
      const call = executeOnce(key, fingerprint, () => callLegacy(legacy, context, parameters));
      waitUntil(call.catch(() => {}));
      const { outcome } = await call;
      if (outcome) throw new LegacyError(outcome);
      return c.json(upload, 201);
    },
  );
}

/** Callers with their own keys may send the vendor anywhere; callers who use the gateway's keys may not. */
function assertAllowed(path: string, caller: Caller, prefixes: AllowedPaths): void {
  if (caller.bringsOwnKeys || prefixes.allow(path)) return;
  throw new Problem('upload-path-not-allowed', {
    detail: 'The path must lie below a prefix that the operator has allowed.',
  });
}
