/** The schemas of a token request and its responses. */
import { z } from '@hono/zod-openapi';
import { detailType, maxResources, maxSids } from '../auth/narrowing.ts';
import { scopes } from '../auth/scopes.ts';
import { maxAuthorizationDetails } from '../auth/token-request.ts';
import { tokenLifetime } from '../auth/tokens.ts';

const printable = '^[ -~]*$';

const scopeText = {
  pattern: '^[ -~]*$',
  description: `Scopes, separated by spaces: ${scopes.join(', ')}.`,
  example: 'recordings:read',
};

/** Documentation only: `parseTokenRequest` validates, because errors have the form of RFC 6749 section 5.2. */
export const TokenRequestSchema = z
  .object({
    // A string and not an enum: generators for Rust fail on an enum in a form.
    grant_type: z.string().max(18).openapi({
      pattern: '^client_credentials$',
      description: 'The grant: `client_credentials`.',
      example: 'client_credentials',
    }),
    scope: z
      .string()
      .max(200)
      .optional()
      .openapi({ ...scopeText, description: `${scopeText.description} Without it, \`recordings:read\`.` }),
    expires_in: z
      .int()
      .min(tokenLifetime.minimum)
      .max(tokenLifetime.maximum)
      .default(tokenLifetime.default)
      .openapi({ format: 'int32', description: 'The lifetime of the token, in seconds.', example: 900 }),
    client_id: z.string().max(1024).optional().openapi({
      pattern: printable,
      description: 'The access key, unless sent by HTTP Basic.',
      example: 'foofoofoo',
    }),
    client_secret: z.string().max(1024).optional().openapi({
      format: 'password',
      pattern: printable,
      description: 'The secret access key, unless sent by HTTP Basic.',
      example: 'foobarfoo',
    }),
    authorization_details: z
      .string()
      .max(maxAuthorizationDetails)
      .optional()
      .openapi({
        pattern: printable,
        description: `Limits the token to a part of the account: a JSON array of \`AuthorizationDetail\` (RFC 9396), with at most ${maxResources} resources and ${maxSids} sids in total. Without it, the token reaches the whole account.`,
        example: '[{"type":"recordings","resources":[{"type":"findme","id":1234}]}]',
      }),
  })
  .openapi('TokenRequest', { description: 'The client-credentials grant (RFC 6749 4.4.2).' });

const AuthorizationDetailSchema = z
  .object({
    type: z
      .literal(detailType)
      .openapi('AuthorizationDetailType', { description: 'The type of the detail.' }),
    resources: z
      .array(
        z
          .object({
            type: z.string().max(32).openapi({
              pattern: '^[a-z_]+$',
              description: 'The type of a resource.',
              example: 'findme',
            }),
            id: z.int().min(0).max(999_999_999_999_999).optional().openapi({
              format: 'int64',
              description: 'Its ID. Absent for types without one.',
              example: 1234,
            }),
          })
          .openapi('NarrowedResource', { description: 'A resource that the token reaches.' }),
      )
      .max(maxResources)
      .optional()
      .openapi({
        description: 'The resources whose lists, recordings and uploads the token reaches.',
      }),
    sids: z
      .array(z.string().min(1).max(64).openapi({ pattern: '^[A-Za-z0-9_-]+$', example: '0907065723240097' }))
      .max(maxSids)
      .optional()
      .openapi({ description: 'The recordings that the token reaches wherever they are listed.' }),
  })
  .openapi('AuthorizationDetail', { description: 'A part of the account (RFC 9396).' });

export const TokenSchema = z
  .object({
    access_token: z.string().max(8192).openapi({
      pattern: '^[\\w.-]+$',
      description: 'Opaque. Send it as `Authorization: Bearer`.',
      example: 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiLi4uIn0..iv.ciphertext.tag',
    }),
    token_type: z
      .literal('Bearer')
      .openapi('TokenType', { description: 'How to send the token (RFC 6750).' }),
    expires_in: z
      .int()
      .min(tokenLifetime.minimum)
      .max(tokenLifetime.maximum)
      .openapi({ format: 'int32', description: 'In seconds.', example: 900 }),
    scope: z
      .string()
      .max(200)
      .openapi({ ...scopeText, description: 'The scopes of the token.' }),
    authorization_details: z.array(AuthorizationDetailSchema).max(1).optional().openapi({
      description: 'The part of the account that the token reaches, if the request limited it (RFC 9396 7).',
    }),
  })
  .openapi('Token', { description: 'An access token (RFC 6749 5.1).' });

export const TokenErrorSchema = z
  .object({
    error: z
      .enum([
        'invalid_request',
        'invalid_client',
        'unauthorized_client',
        'unsupported_grant_type',
        'invalid_scope',
        'invalid_authorization_details',
      ])
      .openapi('TokenErrorCode', {
        description: 'The error code (RFC 6749 5.2, RFC 9396 5).',
        example: 'invalid_scope',
      }),
    error_description: z.string().max(200).openapi({
      pattern: printable,
      description: 'The fault in this request.',
      example: 'scope contains an unknown scope',
    }),
  })
  .openapi('TokenError', { description: 'An error in the form that OAuth clients read.' });
