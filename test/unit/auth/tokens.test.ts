/** Access tokens: they open to what was sealed, until they expire. */
import { describe, expect, it } from 'vitest';
import { createSealer } from '../../../src/auth/seal.ts';
import { createAccessTokens } from '../../../src/auth/tokens.ts';

const issuedAt = 1_790_000_000;
const names = {
  keys: [new Uint8Array(32).fill(7)],
  issuer: 'https://gateway.test',
  audience: 'https://gateway.test',
};
const credentials = { accessKey: 'CANARY-access', secretAccessKey: 'CANARY-secret:with+odd/ünicode' };

function createAt(seconds: number) {
  const now = () => seconds * 1000;
  const sealer = createSealer({ ...names, now });
  return { sealer, tokens: createAccessTokens({ sealer, now }) };
}

const { sealer, tokens } = createAt(issuedAt);

describe('an access token', () => {
  it('holds the keys and exactly the granted scopes', async () => {
    const token = await tokens.issue({ credentials, scopes: ['uploads:write'], expiresIn: 3600 });
    expect(await tokens.open(token)).toEqual({
      credentials,
      narrowing: null,
      scopes: ['uploads:write'],
      bringsOwnKeys: true,
      authMethod: 'token',
      expiresAt: issuedAt + 3600,
    });
  });

  it('has five parts and fits into a header with keys of the known length', async () => {
    const long = { accessKey: 'a'.repeat(64), secretAccessKey: 'b'.repeat(64) };
    const token = await tokens.issue({
      credentials: long,
      scopes: ['recordings:read', 'recordings:delete', 'uploads:write'],
      expiresIn: 86_400,
    });
    expect(token.split('.')).toHaveLength(5);
    expect(token.length).toBeLessThan(600);
  });

  it('is reported as expired after its lifetime', async () => {
    const token = await tokens.issue({ credentials, scopes: [], expiresIn: 60 });
    expect(await createAt(issuedAt + 59).tokens.open(token)).toMatchObject({ credentials });
    await expect(createAt(issuedAt + 60).tokens.open(token)).rejects.toMatchObject({
      failure: { kind: 'invalid-token', reason: 'expired' },
    });
  });

  it.each([59, 86_401, -1, Number.NaN])('is not issued for %d seconds', async (expiresIn) => {
    await expect(async () => tokens.issue({ credentials, scopes: [], expiresIn })).rejects.toThrow(
      RangeError,
    );
  });

  it.each([
    ['a text that was not sealed', async () => 'a.b.c.d.e', 'malformed'],
    ['a link', () => sealer.seal('audio-link', {}, issuedAt + 60), 'signature'],
    [
      'contents of another release',
      () => sealer.seal('access-token', { version: 2 }, issuedAt + 60),
      'contents',
    ],
    [
      'a scope that no longer exists',
      () => sealer.seal('access-token', { iat: 1, credentials: ['a', 'b'], scopes: ['root'] }, issuedAt + 60),
      'contents',
    ],
  ])('is not %s', async (_, create, reason) => {
    await expect(tokens.open(await create())).rejects.toMatchObject({
      failure: { kind: 'invalid-token', reason },
    });
  });
});
