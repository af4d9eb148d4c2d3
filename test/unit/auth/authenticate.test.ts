/** Authentication: which method applies to a request, and the error and challenges without valid credentials. */
import { describe, expect, it } from 'vitest';
import { createAuthenticate, type LinkCredentials } from '../../../src/auth/authenticate.ts';
import { createOwner } from '../../../src/auth/caller.ts';
import { toChallenges } from '../../../src/auth/challenge.ts';
import { AuthError, toDetail } from '../../../src/auth/failure.ts';
import type { IdentityProvider } from '../../../src/auth/identity-provider.ts';
import { createAudioLinks } from '../../../src/auth/links.ts';
import { createSealer } from '../../../src/auth/seal.ts';
import { createAccessTokens } from '../../../src/auth/tokens.ts';
import { accessProblem } from '../../../src/middleware/errors/access.ts';

const credentials = { accessKey: 'foofoofoo', secretAccessKey: 'foobarfoo' };
const audio = { sid: '0907065723240097', format: 'wav', sampleRate: 8000 } as const;
const sealer = createSealer({ keys: [new Uint8Array(32).fill(7)], issuer: 'x', audience: 'x' });
const tokens = createAccessTokens({ sealer });
const links = createAudioLinks({ sealer, gatewayCredentials: null });
const identityProvider: IdentityProvider = {
  open: async () => ({
    credentials,
    scopes: [],
    bringsOwnKeys: false,
    authMethod: 'jwt',
    expiresAt: 1,
    names: ['issuer', 'ann', ''],
  }),
};

const everything = createAuthenticate({ tokens, identityProvider, links });
const basicOnly = createAuthenticate({ tokens: null, identityProvider: null, links: null });

const basic = `Basic ${btoa('foofoofoo:foobarfoo')}`;
const token = await tokens.issue({ credentials, scopes: ['uploads:write'], expiresIn: 60 });
const inAnHour = Math.floor(Date.now() / 1000) + 3600;
const link: LinkCredentials = {
  token: await links.create(await createOwner(credentials), audio, inAnHour),
  audio,
};

const toHeaders = (authorization: string | null) =>
  new Headers(authorization === null ? {} : { authorization });

describe('a request', () => {
  it.each([
    ['Basic', basic, null, 'basic'],
    ['Basic in capitals', basic.replace('Basic', 'BASIC'), null, 'basic'],
    ['Basic with more spaces', basic.replace(' ', '   '), null, 'basic'],
    ['a token', `Bearer ${token}`, null, 'token'],
    ['a token under a small bearer', `bearer ${token}`, null, 'token'],
    ['an external token', 'Bearer aa.bb.cc', null, 'jwt'],
    ['a link', null, link, 'link'],
    ['a link beside an empty header', '', link, 'link'],
  ])('with %s has a caller', async (_, authorization, linked, via) => {
    expect(await everything(toHeaders(authorization), linked)).toMatchObject({
      authMethod: via,
      credentials,
    });
  });

  it('gets the scopes of its token', async () => {
    const caller = await everything(toHeaders(`Bearer ${token}`));
    expect(caller.scopes).toEqual(new Set(['uploads:write']));
  });

  it('has the same account by keys and by token', async () => {
    const byKeys = await everything(toHeaders(basic));
    const byToken = await everything(toHeaders(`Bearer ${token}`));
    expect([byToken.accountId, byToken.subject]).toEqual([byKeys.accountId, byKeys.subject]);
  });
});

const realm = 'realm="recordings"';
const toBearer = (error: string, description: string) =>
  `Bearer ${realm}, error="${error}", error_description="${description}"`;
const basicChallenge = `Basic ${realm}, charset="UTF-8"`;
const invalidToken = toBearer('invalid_token', 'The token is not valid for this gateway.');
const noToken = toBearer('invalid_token', 'The credentials after the scheme are not a token (token68).');
const two = toBearer('invalid_request', 'The request has two credentials. Send one.');

async function refuse(attempt: Promise<unknown>, bearer: boolean) {
  const error = await attempt.then(() => null).catch((error: unknown) => error);
  if (!(error instanceof AuthError)) throw error ?? new Error('it was accepted');
  const { failure } = error;
  return {
    status: accessProblem(failure, { bearer }).status,
    detail: toDetail(failure),
    challenges: toChallenges(failure, { bearer }),
  };
}

describe('a request is rejected', () => {
  it.each([
    ['without credentials', null, 401, 'missing', [basicChallenge, `Bearer ${realm}`]],
    ['with an empty header', '', 401, 'missing', [basicChallenge, `Bearer ${realm}`]],
    [
      'with another scheme',
      'Digest username="x", realm="y"',
      401,
      'unsupported',
      [basicChallenge, `Bearer ${realm}`],
    ],
    ['with a bare Basic', 'Basic', 401, 'malformed', [basicChallenge]],
    ['with Basic of invalid base64', 'Basic a-b', 401, 'malformed', [basicChallenge]],
    ['with Basic without a colon', `Basic ${btoa('foo')}`, 401, 'malformed', [basicChallenge]],
    ['with a bare Bearer', 'Bearer', 401, 'malformed', [noToken]],
    ['with a token and more text', `Bearer ${token} x`, 401, 'malformed', [noToken]],
    [
      'with a token cut to four parts',
      `Bearer ${token.slice(0, token.lastIndexOf('.'))}`,
      401,
      'invalid',
      [invalidToken],
    ],
    ['with a token of another gateway', `Bearer ${token.slice(1)}`, 401, 'invalid', [invalidToken]],
    ['with the keys joined by a comma', `${basic}, ${basic}`, 400, 'two', [two]],
    ['with keys and a token', `${basic},Bearer ${token}`, 400, 'two', [two]],
    ['with a token and keys', `Bearer ${token}, ${basic}`, 400, 'two', [two]],
  ])('%s', async (_, authorization, status, __, challenges) => {
    expect(await refuse(everything(toHeaders(authorization)), true)).toMatchObject({ status, challenges });
  });

  it('with two headers', async () => {
    const headers = toHeaders(basic);
    headers.append('authorization', `Bearer ${token}`);
    expect(await refuse(everything(headers), true)).toMatchObject({ status: 400 });
  });

  it('with a link and a header', async () => {
    expect(await refuse(everything(toHeaders(basic), link), true)).toMatchObject({ status: 400 });
  });

  it('with a link for other audio, and without a challenge that would open a password dialog', async () => {
    const other = { ...link, audio: { ...audio, sid: '1' } };
    expect(await refuse(everything(toHeaders(null), other), true)).toEqual({
      status: 403,
      detail: 'The link is for another recording, format or sample rate.',
      challenges: [],
    });
  });

  it('with a link instead of a token', async () => {
    const { challenges, status } = await refuse(everything(toHeaders(`Bearer ${link.token}`)), true);
    expect({ status, challenges }).toEqual({ status: 401, challenges: [invalidToken] });
  });

  it.each([
    ['a sealed token', `Bearer ${token}`, null, 'TOKEN_KEYS'],
    ['an external token', 'Bearer aa.bb.cc', null, 'JWKS_URL'],
    ['a link', null, link, 'TOKEN_KEYS'],
  ])(
    'with %s if that is not configured, and names the missing variable',
    async (_, authorization, linked, variable) => {
      const refusal = await refuse(basicOnly(toHeaders(authorization), linked), false);
      expect(refusal).toMatchObject({ status: 401, challenges: [basicChallenge] });
      expect(refusal.detail).toContain(variable);
    },
  );
});

describe('a failure', () => {
  it.each([
    [
      { kind: 'insufficient-scope', required: 'recordings:delete' } as const,
      403,
      [
        `${toBearer('insufficient_scope', 'The token lacks the scope recordings:delete.')}, scope="recordings:delete"`,
      ],
    ],
    [
      { kind: 'invalid-token', reason: 'expired' } as const,
      401,
      [toBearer('invalid_token', 'The token has expired.')],
    ],
    [
      { kind: 'credentials-rejected', authMethod: 'token' } as const,
      401,
      [toBearer('invalid_token', 'The legacy service no longer accepts the keys behind this token.')],
    ],
    [{ kind: 'credentials-rejected', authMethod: 'basic' } as const, 401, [basicChallenge]],
    [{ kind: 'invalid-link', reason: 'expired' } as const, 403, []],
    [{ kind: 'too-many-failures', retryAfter: 6 } as const, 429, []],
    [{ kind: 'identity-provider-unavailable', retryAfter: 5 } as const, 503, []],
  ])('$kind has its status and challenges', (failure, status, challenges) => {
    expect({
      status: accessProblem(failure, { bearer: true }).status,
      challenges: toChallenges(failure, { bearer: true }),
    }).toEqual({
      status,
      challenges,
    });
  });
});
