/** Variables of access: how each mistake is reported, without its value. */
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
  [
    'a contact that is neither',
    { API_CONTACT: 'http://canary' },
    'API_CONTACT must be an email address or an https URL',
  ],
  [
    'a license',
    { API_LICENSE: 'https://canary' },
    'API_LICENSE must be a name, which an https URL may follow',
  ],
  ['TOKEN_KEYS', { TOKEN_KEYS: 'canary' }, 'TOKEN_KEYS key 1 of 1 is not 32 bytes in base64'],
  ['one key of a pair', { LEGACY_ACCESS_KEY: 'canary' }, 'LEGACY_SECRET_ACCESS_KEY must be set together'],
  ['no issuer', { ...keys, ...jwt, JWT_ISSUER: '' }, together],
  ['no audience', { ...keys, ...jwt, JWT_AUDIENCE: '' }, together],
  ['no key set', { ...keys, ...jwt, JWKS_URL: '' }, together],
  ['no keys of the account', jwt, 'JWKS_URL needs LEGACY_ACCESS_KEY and LEGACY_SECRET_ACCESS_KEY'],
  ['a key set over http', { ...keys, ...jwt, JWKS_URL: 'http://id.example/canary' }, address],
  ['a key set that is not a URL', { ...keys, ...jwt, JWKS_URL: 'canary' }, address],
  ['a host like this machine', { ...keys, ...jwt, JWKS_URL: 'http://127.0.0.1.canary.example/' }, address],
  ['an origin with a path', { CORS_ORIGINS: 'https://canary.example/x' }, 'number 1 of 1 has another form'],
  [
    'a token key of zeros',
    { TOKEN_KEYS: btoa('\0'.repeat(32)) },
    'TOKEN_KEYS key 1 of 1 repeats a few bytes',
  ],
  [
    'an address over http',
    { LEGACY_API_URL: 'http://canary.example/ibp_api.php' },
    'LEGACY_API_URL must be https',
  ],
  [
    'an address over http with half of the consent',
    { LEGACY_API_URL: 'http://canary.example/x', LEGACY_INSECURE: 'true' },
    'LEGACY_INSECURE must be yes or no',
  ],
  ['an origin over http', { PUBLIC_URL: 'http://canary.example' }, 'PUBLIC_URL must be https'],
  [
    'a public path of the gateway',
    { PUBLIC_URL: 'https://canary.example/recordings' },
    'must not begin its path',
  ],
  ['a longer one', { PUBLIC_URL: 'https://canary.example/x/../docs/v1/' }, 'must not begin its path'],
  [
    'a public URL with a query',
    { PUBLIC_URL: 'https://canary.example/?a' },
    'must be an origin, and a path of',
  ],
  ['a public path with an escape', { PUBLIC_URL: 'https://canary.example/a%20b' }, 'must be an origin, and'],
  [
    'a public path with an empty part',
    { PUBLIC_URL: 'https://canary.example/a//b' },
    'must be an origin, and',
  ],
  [
    'an empty entry in the accounts',
    { ALLOWED_ACCOUNTS: 'canary,' },
    'ALLOWED_ACCOUNTS entry 2 of 2 is neither',
  ],
  ['half a digest', { ALLOWED_ACCOUNTS: 'other,sha256:abc' }, 'ALLOWED_ACCOUNTS entry 2 of 2 is neither'],
  ['accounts in JSON', { ALLOWED_ACCOUNTS: '["canary"]' }, 'ALLOWED_ACCOUNTS entry 1 of 1 is neither'],
  ['accounts separated by spaces', { ALLOWED_ACCOUNTS: 'canary canary2' }, 'ALLOWED_ACCOUNTS entry 1 of 1'],
  [
    "the gateway's own account left out",
    { ...keys, ALLOWED_ACCOUNTS: 'other' },
    'ALLOWED_ACCOUNTS must include the account of LEGACY_ACCESS_KEY',
  ],
  ['no authentication method', { BASIC_AUTH: 'off' }, 'BASIC_AUTH=off needs JWKS_URL'],
  ['Basic switched with another word', { BASIC_AUTH: 'no' }, 'BASIC_AUTH must be on or off'],
  ['a limit of zero', { RATE_LIMIT: '0' }, 'RATE_LIMIT must be a whole number'],
  ['a limit in words', { REFUSED_KEYS_LIMIT: 'canary' }, 'REFUSED_KEYS_LIMIT must be a whole number'],
])('%s is reported without its value', (_, env, message) => {
  const read = () => readConfig({ ...legacy, ...env });
  expect(read).toThrow(message);
  expect(read).not.toThrow('canary');
});

it.each([
  'https://id.example/jwks',
  'http://127.0.0.1:8080/jwks',
  'http://localhost/jwks',
  'http://[::1]/jwks',
])('a key set at %s is accepted', (url) => {
  const { identityProvider } = readConfig({ ...legacy, ...keys, ...jwt, JWKS_URL: url });
  expect(identityProvider?.jwksUrl.href).toBe(url);
});

it('reports every mistake of a combination at once', () => {
  const environment = {
    LEGACY_API_URL: 'http://legacy.example/x',
    LEGACY_ACCESS_KEY: 'canary',
    BASIC_AUTH: 'off',
  };
  expect(() => readConfig(environment)).toThrow(
    /^LEGACY_API_URL .*\nLEGACY_ACCESS_KEY and .* together\nBASIC_AUTH=off .*$/,
  );
});

it.each([
  ['https', { LEGACY_API_URL: 'https://legacy.example/x' }],
  ['http on this machine', { LEGACY_API_URL: 'http://127.0.0.1:8790/x' }],
  [
    'http on this machine by name',
    { LEGACY_API_URL: 'http://localhost/x', PUBLIC_URL: 'http://localhost:8787' },
  ],
  ['http with consent', { LEGACY_API_URL: 'http://legacy.example/x', LEGACY_INSECURE: 'yes' }],
])('accepts an address over %s, and calls it by POST', (_, environment) => {
  const { legacy } = readConfig(environment);
  expect([legacy.url.href, legacy.method]).toEqual([environment.LEGACY_API_URL, 'POST']);
});

it.each(['http://127.0.0.1.example/x', 'http://localhost.example/x', 'http://[::2]/x', 'http://0.0.0.0/x'])(
  'does not treat %s as this machine',
  (LEGACY_API_URL) => {
    expect(() => readConfig({ LEGACY_API_URL })).toThrow('LEGACY_API_URL must be https');
  },
);

it("accepts a digest instead of its own account's access key", () => {
  const ALLOWED_ACCOUNTS = `sha256:${'0'.repeat(64)}`;
  expect(readConfig({ ...legacy, ...keys, ALLOWED_ACCOUNTS }).allowedAccounts?.digests.size).toBe(1);
});

it('serves metrics on loopback unless a host is named', () => {
  expect(readListenConfig({ HOST: '0.0.0.0', METRICS_PORT: '9464' }).metricsHost).toBe('127.0.0.1');
  expect(readListenConfig({ METRICS_HOST: '10.0.0.1' }).metricsHost).toBe('10.0.0.1');
});

it("trusts no header for the client's address by default", () => {
  expect(readListenConfig({}).addressHeader).toBeNull();
  expect(readListenConfig({ CLIENT_ADDRESS_HEADER: 'X-Real-IP' }).addressHeader).toBe('X-Real-IP');
  expect(() => readListenConfig({ CLIENT_ADDRESS_HEADER: 'X Real' })).toThrow('must be the name of a header');
});
