/** Mistakes that only a combination of variables shows, reported by name and never by value. */
import { isConfidential, isLoopback } from '../http/loopback.ts';
import type { Values } from './variables.ts';

export function findMistakes(values: Values): string[] {
  return [
    ...legacyMistakes(values),
    ...identityProviderMistakes(values),
    ...accountMistakes(values),
    ...panelMistakes(values),
  ];
}

function legacyMistakes(values: Values): string[] {
  const { LEGACY_API_URL, LEGACY_INSECURE, LEGACY_ACCESS_KEY, LEGACY_SECRET_ACCESS_KEY } = values;
  return [
    ...when(
      !isConfidential(new URL(LEGACY_API_URL)) && LEGACY_INSECURE === 'no',
      'LEGACY_API_URL must be https, because it receives the keys of every account: LEGACY_INSECURE=yes allows http',
    ),
    ...when(
      Boolean(LEGACY_ACCESS_KEY) !== Boolean(LEGACY_SECRET_ACCESS_KEY),
      'LEGACY_ACCESS_KEY and LEGACY_SECRET_ACCESS_KEY must be set together',
    ),
  ];
}

function identityProviderMistakes(values: Values): string[] {
  const { JWKS_URL, JWT_ISSUER, JWT_AUDIENCE, JWT_DETAILS_CLAIM, LEGACY_ACCESS_KEY } = values;
  const given = [JWKS_URL, JWT_ISSUER, JWT_AUDIENCE].filter(Boolean).length;
  return [
    ...when(given === 1 || given === 2, 'JWKS_URL, JWT_ISSUER and JWT_AUDIENCE must be set together'),
    ...when(
      given === 3 && !LEGACY_ACCESS_KEY,
      'JWKS_URL needs LEGACY_ACCESS_KEY and LEGACY_SECRET_ACCESS_KEY',
    ),
    ...when(JWT_DETAILS_CLAIM !== undefined && !JWKS_URL, 'JWT_DETAILS_CLAIM needs JWKS_URL'),
  ];
}

function accountMistakes(values: Values): string[] {
  const { ALLOWED_ACCOUNTS, BASIC_AUTH, JWKS_URL, LEGACY_ACCESS_KEY } = values;
  const isLeftOut =
    LEGACY_ACCESS_KEY !== undefined &&
    // A digest may be that of the key, which only a request can tell.
    ALLOWED_ACCOUNTS?.digests.size === 0 &&
    !ALLOWED_ACCOUNTS.accessKeys.has(LEGACY_ACCESS_KEY);
  return [
    ...when(isLeftOut, 'ALLOWED_ACCOUNTS must include the account of LEGACY_ACCESS_KEY'),
    ...when(
      BASIC_AUTH === 'off' && !JWKS_URL,
      'BASIC_AUTH=off needs JWKS_URL: without it, no client could authenticate',
    ),
  ];
}

function panelMistakes({ PANEL_DEMO_KEYS, LEGACY_API_URL }: Values): string[] {
  return when(
    PANEL_DEMO_KEYS !== undefined && !isLoopback(new URL(LEGACY_API_URL)),
    'PANEL_DEMO_KEYS are visible to every visitor: set them only with an emulator, whose LEGACY_API_URL is on this machine',
  );
}

function when(isMistake: boolean, text: string): string[] {
  return isMistake ? [text] : [];
}
