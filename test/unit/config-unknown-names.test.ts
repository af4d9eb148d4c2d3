/** Misspelt variables are reported with the intended name; variables of other programs are not. */
import { expect, test } from 'vitest';
import { findUnknown } from '../../src/config/unknown-names.ts';
import { documentedVariables } from '../../src/config/variables.ts';

test.each([
  ['LEGACY_TIMEZONE', 'LEGACY_TIME_ZONE'],
  ['LEGACY_WHATEVER_THIS_IS', null],
  ['TOKEN_KEY', 'TOKEN_KEYS'],
  ['JWKS_URI', 'JWKS_URL'],
  ['PUBLIC_URI', 'PUBLIC_URL'],
  ['CORS_ORIGIN', 'CORS_ORIGINS'],
  ['ALLOWED_ACCOUNT', 'ALLOWED_ACCOUNTS'],
  ['ALLOWD_ACOUNTS', 'ALLOWED_ACCOUNTS'],
  ['BASIC_AUHT', 'BASIC_AUTH'],
  ['METRICS_HOSTS', 'METRICS_HOST'],
  ['rate_limit', 'RATE_LIMIT'],
])('%s is reported as %s', (name, similar) => {
  const isFound = similar !== null || name.startsWith('LEGACY_');
  expect(findUnknown({ [name]: 'canary' })).toEqual(isFound ? [{ name, similar }] : []);
});

test.each([
  ...[
    'PATH',
    'HOME',
    'HOSTNAME',
    'POST',
    'PORTS',
    'UID',
    'GUI',
    'PWD',
    'LANG',
    'SHLVL',
    'LOGNAME',
    'NODE_OPTIONS',
  ],
  ...['OTHER_API_URL', 'DATABASE_URL', 'OTEL_TRACES_EXPORTER', 'AWS_ACCESS_KEY_ID', 'npm_config_cache'],
  ...['ASSETS', 'AUDIO_STORE', 'CALLER_RATE_LIMITER', 'REFUSED_KEYS_RATE_LIMITER'],
])('%s belongs to another program', (name) => {
  expect(findUnknown({ [name]: 'x' })).toEqual([]);
});

test('no variable of ours is reported', () => {
  expect(findUnknown({ ...documentedVariables.gateway, ...documentedVariables.node })).toEqual([]);
});
