/** Audio links: temporary URLs that play one audio without a header. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { toAudioFormat } from '../audio/formats.ts';
import type { LinkCredentials } from '../auth/authenticate.ts';
import { AuthError } from '../auth/failure.ts';
import { linkLifetime, toLinkLifetime } from '../auth/links.ts';
import { verifyOwnKeys } from '../auth/verified-accounts.ts';
import type { AppEnv } from '../middleware/app-env.ts';
import { takesAtMost, takesOnly } from '../middleware/body.ts';
import { tokensNotConfigured } from '../middleware/errors/access.ts';
import type { Gateway } from '../middleware/gateway.ts';
import { accessProblems } from '../middleware/secured.ts';
import { legacyProblems, problemResponses, sidParameter } from '../openapi/schemas.ts';
import { Problem } from '../problem/problem.ts';
import { AudioFormatSchema, sampleRate } from './audio-format.ts';

const lifetimeError = `must be a whole number from ${linkLifetime.minimum} to ${linkLifetime.maximum}`;

/** In seconds; the largest int32, so that any length in a list is accepted. */
const maxDurationSeconds = 2_147_483_647;
const durationError = `must be a whole number from 0 to ${maxDurationSeconds}`;

const AudioLinkRequestSchema = z
  .strictObject({
    format: AudioFormatSchema.default('wav'),
    sample_rate: z
      .int(sampleRate.error)
      .min(sampleRate.minimum, sampleRate.error)
      .max(sampleRate.maximum, sampleRate.error)
      .default(sampleRate.default)
      .openapi({ format: 'int32', description: 'In hertz.', example: 8000 }),
    expires_in: z
      .int(lifetimeError)
      .min(linkLifetime.minimum, lifetimeError)
      .max(linkLifetime.maximum, lifetimeError)
      .optional()
      .openapi({
        format: 'int32',
        description:
          'The lifetime of the link, in seconds; by default 900, or longer by `duration_seconds`. A link never outlives the token that created it.',
        example: 900,
      }),
    duration_seconds: z
      .int(durationError)
      .min(0, durationError)
      .max(maxDurationSeconds, durationError)
      .optional()
      .openapi({
        format: 'int32',
        description:
          'The length of the recording as its list has it. The link then lives for twice that time plus 15 minutes, at most a day, so that it outlives a playback with pauses. Ignored with `expires_in`.',
        example: 65,
      }),
  })
  .openapi('AudioLinkRequest', {
    description: 'The audio that a link opens (WAV by default), and its lifetime.',
  });

const AudioLinkSchema = z
  .object({
    url: z.string().max(12_000).openapi({
      format: 'uri-reference',
      description: 'Plays without credentials. Every holder of the URL can listen, so share it with care.',
      example:
        'https://recordings.example.com/recordings/0907065723240097/audio?format=mp3&sample_rate=8000&token=eyJhbGciOiJkaXIifQ..iv.text.tag',
    }),
    expires_at: z.iso
      .datetime()
      .openapi({ description: 'When the URL expires.', example: '2026-11-01T12:15:00.000Z' }),
  })
  .openapi('AudioLink', { description: 'A URL that opens the audio of one recording until it expires.' });

/** In bytes. */
const maxBody = 1024;

export function addAudioLinks({ app, secured, links, publicUrl, verifiedAccounts, reach }: Gateway): void {
  const access = secured('recordings:read', { checksReach: true });
  app.openapi(
    createRoute({
      operationId: 'createAudioLink',
      method: 'post',
      path: '/recordings/{sid}/audio-links',
      tags: ['Audio'],
      summary: "Create a link to a recording's audio",
      description:
        'Returns a URL that opens this audio, in this format and sample rate, and nothing else, for `GET` and `HEAD` without credentials. Verifies the keys unless they were used in the last minutes; does not check whether the recording exists.',
      security: access.security,
      middleware: [access.middleware, takesOnly('application/json'), takesAtMost(maxBody)] as const,
      request: {
        params: sidParameter,
        body: {
          description: 'The body and each of its members are optional.',
          content: { 'application/json': { schema: AudioLinkRequestSchema } },
        },
      },
      responses: {
        201: { description: 'The link.', content: { 'application/json': { schema: AudioLinkSchema } } },
        ...problemResponses(
          ...accessProblems,
          'content-too-large',
          'unsupported-media-type',
          'tokens-not-configured',
          ...legacyProblems,
        ),
      },
    }),
    async (c) => {
      if (!links) throw tokensNotConfigured();
      const { sid } = c.req.valid('param');
      // A missing body is not validated, so defaults are filled in here.
      const request = AudioLinkRequestSchema.parse(c.req.valid('json'));
      const { format, sample_rate } = request;
      const lifetimeSeconds = request.expires_in ?? toLinkLifetime(request.duration_seconds);
      const context = c.get('context');
      const { caller } = context;
      await reach.assertRecording(sid, context);
      await verifyOwnKeys(verifiedAccounts, context);
      const wanted = Math.floor(Date.now() / 1000) + lifetimeSeconds;
      const expiresAt = Math.min(wanted, caller.expiresAt ?? wanted);
      const token = await links.create(caller, { sid, format, sampleRate: sample_rate }, expiresAt);
      const query = new URLSearchParams({ format, sample_rate: String(sample_rate), token });
      // Relative without PUBLIC_URL, since clients control the Host header.
      const url = `${publicUrl ?? ''}/recordings/${sid}/audio?${query}`;
      return c.json({ url, expires_at: new Date(expiresAt * 1000).toISOString() }, 201);
    },
  );
}

/** In characters: twice the longest token that is issued, and short enough that its URL is no 414. */
export const maxLinkToken = 6144;

/** The link's token in an audio URL, and the audio that the URL names. Throws AuthError and Problem. */
export function readLink({ req }: Context<AppEnv>): LinkCredentials | null {
  const [token, ...others] = req.queries('token') ?? [];
  if (token === undefined) return null;
  if (others.length > 0) throw new AuthError({ kind: 'two-credentials' });
  if (token.length > maxLinkToken) {
    const errors = [{ parameter: 'token', detail: `must have at most ${maxLinkToken} characters` }];
    throw new Problem('invalid-request', { detail: 'The request has invalid input; see errors.', errors });
  }
  const format = toAudioFormat(req.query('format') ?? '');
  // A link names its format, so `Accept` must not choose one.
  if (!format) throw new AuthError({ kind: 'invalid-link', reason: 'other-audio' });
  const rate = Number(req.query('sample_rate') ?? sampleRate.default);
  return { token, audio: { sid: req.param('sid') ?? '', format, sampleRate: rate } };
}

const linkParameters = new Set(['format', 'sample_rate', 'token', 'download']);
/** Rejected in every URL, because access logs would record them. */
const keyParameters = new Set(['access_key', 'secret_access_key']);

/** Mail trackers and caches append parameters to URLs (`utm_source`, `fbclid`), so a link ignores unknown ones. */
export const ignoreAppended = createMiddleware<AppEnv>(async (c, next) => {
  if (c.get('context').caller.authMethod === 'link') {
    const url = new URL(c.req.url);
    const appended = [...url.searchParams.keys()].filter(
      (name) => !linkParameters.has(name) && !keyParameters.has(name),
    );
    for (const name of appended) url.searchParams.delete(name);
    if (appended.length > 0) c.req.raw = new Request(url, c.req.raw);
  }
  await next();
});
