/** Variables about access: what each mistake is called, and that no value is shown. */
import { expect, it } from 'vitest';
import { readConfig, readListenConfig } from '../../src/config.ts';

const legacy = { LEGACY_API_URL: 'https://legacy.example/ibp_api.php' };
const keys = { LEGACY_ACCESS_KEY: 'canary-access', LEGACY_SECRET_ACCESS_KEY: 'canary-secret' };
const jwt = {
  JWKS_URL: 'https://id.example/jwks',
  JWT_ISSUER: 'https://id.example',
  JWT_AUDIENCE: 'recordings',
};
const together = 'JWKS_URL, JWT_ISSUER and JWT_AUDIENCE must be set together';
const address = 'JWKS_URL must be an https address, or http on this machine';

it.each([
  ['TOKEN_KEYS', { TOKEN_KEYS: 'canary' }, 'TOKEN_KEYS key 1 of 1 is not 32 bytes in base64'],
  ['one key of a pair', { LEGACY_ACCESS_KEY: 'canary' }, 'LEGACY_SECRET_ACCESS_KEY must be set together'],
  ['no issuer', { ...keys, ...jwt, JWT_ISSUER: '' }, together],
  ['no audience', { ...keys, ...jwt, JWT_AUDIENCE: '' }, together],
  ['no key set', { ...keys, ...jwt, JWKS_URL: '' }, together],
  ['no keys of the account', jwt, 'JWKS_URL needs LEGACY_ACCESS_KEY and LEGACY_SECRET_ACCESS_KEY'],
  ['a key set over http', { ...keys, ...jwt, JWKS_URL: 'http://id.example/canary' }, address],
  ['a key set that is no address', { ...keys, ...jwt, JWKS_URL: 'canary' }, address],
  ['a host like this machine', { ...keys, ...jwt, JWKS_URL: 'http://127.0.0.1.canary.example/' }, address],
  ['an origin with a path', { CORS_ORIGINS: 'https://canary.example/x' }, 'number 1 of 1 is none'],
  ['a limit of nothing', { RATE_LIMIT: '0' }, 'RATE_LIMIT must be a whole number'],
  ['a limit in words', { REFUSED_KEYS_LIMIT: 'canary' }, 'REFUSED_KEYS_LIMIT must be a whole number'],
])('%s is named and not shown', (_, env, message) => {
  const read = () => readConfig({ ...legacy, ...env });
  expect(read).toThrow(message);
  expect(read).not.toThrow('canary');
});

it.each([
  'https://id.example/jwks',
  'http://127.0.0.1:8080/jwks',
  'http://localhost/jwks',
  'http://[::1]/jwks',
])('a key set at %s is taken', (url) => {
  const { identityProvider } = readConfig({ ...legacy, ...keys, ...jwt, JWKS_URL: url });
  expect(identityProvider?.jwksUrl.href).toBe(url);
});

it('trusts no header with the client’s address unless one is named', () => {
  expect(readListenConfig({}).addressHeader).toBeNull();
  expect(readListenConfig({ CLIENT_ADDRESS_HEADER: 'X-Real-IP' }).addressHeader).toBe('X-Real-IP');
  expect(() => readListenConfig({ CLIENT_ADDRESS_HEADER: 'X Real' })).toThrow('must be the name of a header');
});
