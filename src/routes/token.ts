/** Access tokens by the client-credentials grant of RFC 6749 section 4.4. */
import { createRoute } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { isAllowed } from '../auth/allowed-accounts.ts';
import { createOwner } from '../auth/caller.ts';
import { toChallenges } from '../auth/challenge.ts';
import { toAuthorizationDetails } from '../auth/narrowing.ts';
import { parseTokenRequest, TokenRequestError } from '../auth/token-request.ts';
import type { Grant } from '../auth/tokens.ts';
import { LegacyError } from '../legacy/failure.ts';
import type { AppEnv } from '../middleware/app-env.ts';
import { readText, takesOnly } from '../middleware/body.ts';
import { tokensNotConfigured } from '../middleware/errors/access.ts';
import type { Gateway } from '../middleware/gateway.ts';
import { openContext } from '../middleware/request-context.ts';
import { headers, legacyProblems, problemResponses } from '../openapi/schemas.ts';
import { TokenErrorSchema, TokenRequestSchema, TokenSchema } from './token-schemas.ts';

/** In bytes: room for two long percent-encoded keys and the other parameters. */
const maxBody = 16 * 1024;

/** RFC 6749 section 5.1. */
const noStore = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

export function addToken(gateway: Gateway): void {
  const { app, tokens } = gateway;
  app.openAPIRegistry.register('TokenRequest', TokenRequestSchema);
  app.openapi(
    createRoute({
      operationId: 'issueToken',
      method: 'post',
      path: '/oauth/token',
      tags: ['Access'],
      summary: 'Issue an access token',
      description:
        "Seals the account's keys into a token that expires and allows the requested scopes only, so that a server can give it to a phone app or a page. Uses the client-credentials grant of RFC 6749: the access key is the client ID and the secret access key the client secret, by HTTP Basic or in the form.",
      security: [{ basic: [] }, {}],
      middleware: takesOnly('application/x-www-form-urlencoded'),
      request: {
        body: {
          required: true,
          description: 'Grant parameters, and the client credentials unless sent by HTTP Basic.',
          content: {
            'application/x-www-form-urlencoded': {
              schema: { $ref: '#/components/schemas/TokenRequest' },
            },
          },
        },
      },
      responses: {
        ...problemResponses(
          'content-too-large',
          'unsupported-media-type',
          'too-many-requests',
          'tokens-not-configured',
          // The keys are the caller's own, so their rejection is a 401.
          ...legacyProblems.filter((slug) => slug !== 'legacy-credentials-rejected'),
        ),
        200: {
          description: 'The token.',
          content: {
            'application/json': {
              schema: TokenSchema,
              example: {
                access_token: 'eyJhbGciOiJkaXIifQ..iv.text.tag',
                token_type: 'Bearer',
                expires_in: 900,
                scope: 'recordings:read',
              },
            },
          },
        },
        400: {
          description: 'The token request is invalid.',
          content: { 'application/json': { schema: TokenErrorSchema } },
        },
        401: {
          description: 'The client did not authenticate, or the legacy service rejects its keys.',
          headers: headers('WWW-Authenticate'),
          content: { 'application/json': { schema: TokenErrorSchema } },
        },
      },
    }),
    async (c) => {
      if (!tokens) throw tokensNotConfigured(gateway.acceptsKeys);
      try {
        const grant = parseTokenRequest({
          authorization: c.req.header('Authorization') ?? null,
          body: await readText(c.req.raw, maxBody),
        });
        if (!(await isAllowed(gateway.allowedAccounts, grant.credentials.accessKey))) {
          c.set('reason', 'account-not-allowed');
          const detail = 'this gateway does not serve the account of these keys';
          throw new TokenRequestError('unauthorized_client', detail);
        }
        await verify(c, gateway, grant);
        return c.json(
          {
            access_token: await tokens.issue(grant),
            token_type: 'Bearer' as const,
            expires_in: grant.expiresIn,
            scope: [...grant.scopes].join(' '),
            ...(grant.narrowing && { authorization_details: toAuthorizationDetails(grant.narrowing) }),
          },
          200,
          noStore,
        );
      } catch (error) {
        if (!(error instanceof TokenRequestError)) throw error;
        const body = { error: error.code, error_description: error.message };
        if (error.code !== 'invalid_client') return c.json(body, 400, noStore);
        const [challenge = ''] = toChallenges({ kind: 'missing' }, { bearer: false });
        return c.json(body, 401, { ...noStore, 'WWW-Authenticate': challenge });
      }
    },
  );
}

/** Verifies the keys at the legacy service, within the limits on unverified keys. */
async function verify(c: Context<AppEnv>, gateway: Gateway, { credentials }: Grant): Promise<void> {
  const { context, end } = await openContext(c, gateway, await createOwner(credentials));
  c.set('context', context);
  try {
    await gateway.legacy.confirm(context);
  } catch (error) {
    const isRejected = error instanceof LegacyError && error.failure.kind === 'credentials-rejected';
    if (!isRejected) throw error;
    c.set('reason', 'credentials-rejected');
    throw new TokenRequestError('invalid_client', 'the legacy service rejects these keys');
  } finally {
    await end();
  }
}
