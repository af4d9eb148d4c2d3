/** Reads a token request: the client-credentials grant of RFC 6749 section 4.4, with the errors of section 5.2. */
import type { LegacyCredentials } from '../legacy/wire.ts';
import { parseAuthorization } from './authenticate.ts';
import { parseUserPass } from './basic.ts';
import { AuthError } from './failure.ts';
import {
  detailType,
  maxResources,
  maxSids,
  type Narrowing,
  parseAuthorizationDetailsText,
} from './narrowing.ts';
import { isScope, type Scope } from './scopes.ts';
import { type Grant, tokenLifetime } from './tokens.ts';

export type TokenErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  /** RFC 9396 section 5. */
  | 'invalid_authorization_details';

/** `message` is the error_description. Section 5.2: invalid_client is a 401 with a Basic challenge, the rest are 400. */
export class TokenRequestError extends Error {
  override readonly name = 'TokenRequestError';
  readonly code: TokenErrorCode;

  constructor(code: TokenErrorCode, description: string) {
    super(description);
    this.code = code;
  }
}

export interface TokenRequest {
  readonly authorization: string | null;
  /** The form, `application/x-www-form-urlencoded`, as text. */
  readonly body: string;
}

/** The least scope, for a client that names none (section 3.3 requires a default or an error). */
const defaultScopes: readonly Scope[] = ['recordings:read'];

/** Throws TokenRequestError. */
export function parseTokenRequest({ authorization, body }: TokenRequest): Grant {
  const form = parseForm(body);
  const credentials = authenticateClient(authorization, form);
  const keys = credentials.accessKey + credentials.secretAccessKey;
  if (keys.length > maxKeysLength || /\p{Cc}/u.test(keys)) {
    throw new TokenRequestError('invalid_client', 'the keys are too long or contain a control character');
  }
  const grantType = form.get('grant_type');
  if (!grantType) throw new TokenRequestError('invalid_request', 'grant_type is required');
  if (grantType !== 'client_credentials') {
    throw new TokenRequestError('unsupported_grant_type', 'grant_type must be client_credentials');
  }
  return {
    credentials,
    scopes: parseScope(form.get('scope')),
    narrowing: parseNarrowing(form.get('authorization_details')),
    expiresIn: parseExpiresIn(form.get('expires_in')),
  };
}

/** Section 3.2: a parameter without a value counts as omitted, unknown ones are ignored, repeated ones are rejected. */
function parseForm(body: string): Map<string, string> {
  const form = new Map<string, string>();
  // Decoding replaces bytes that are not UTF-8 by U+FFFD. No account has a key with that character.
  if (body.includes('\ufffd')) throw new TokenRequestError('invalid_request', 'the form is not UTF-8');
  for (const pair of body.split('&').filter((pair) => pair !== '')) {
    const [name = '', ...value] = pair.split('=').map(decodeFormText);
    if (form.has(name)) throw new TokenRequestError('invalid_request', 'a parameter is repeated');
    form.set(name, value.join('='));
  }
  return form;
}

function decodeFormText(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new TokenRequestError('invalid_request', 'the form is not percent-encoded UTF-8');
  }
}

/** In characters, both keys: the token must fit into a header. The keys we know of take 128. */
const maxKeysLength = 1024;

/** Section 2.3: a client authenticates in one way, by Basic or in the form. */
function authenticateClient(authorization: string | null, form: Map<string, string>): LegacyCredentials {
  const id = form.get('client_id') ?? '';
  const secret = form.get('client_secret') ?? '';
  if (authorization === null || authorization === '') {
    if (id === '' || secret === '')
      throw new TokenRequestError('invalid_client', 'client_id and client_secret are required');
    return { accessKey: id, secretAccessKey: secret };
  }
  const credentials = parseBasicClient(authorization);
  // Section 3.2.1: client_id may be repeated in the form, as some libraries do.
  if (secret !== '' || (id !== '' && id !== credentials.accessKey)) {
    throw new TokenRequestError('invalid_request', 'the client authenticates in two ways; use one');
  }
  return credentials;
}

function parseBasicClient(authorization: string): LegacyCredentials {
  try {
    const { scheme, credentials } = parseAuthorization(authorization);
    if (scheme !== 'basic')
      throw new TokenRequestError('invalid_client', 'the client must authenticate by Basic or in the form');
    const [accessKey, secretAccessKey] = parseUserPass(credentials).map(decodeClientText);
    if (!accessKey || !secretAccessKey) throw new TokenRequestError('invalid_client', 'a key is empty');
    return { accessKey, secretAccessKey };
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    const isTwice = error.failure.kind === 'two-credentials';
    throw isTwice
      ? new TokenRequestError('invalid_request', 'the client authenticates in two ways; use one')
      : new TokenRequestError('invalid_client', 'the Basic credentials are malformed');
  }
}

/**
 * Section 2.3.1 has clients form-encode both parts before Basic. OAuth libraries do; curl and most others do not, and
 * the text does not tell which. Keys have no spaces, so a plus sign is a plus sign, and a percent sign before two
 * hexadecimal digits is an encoding. Only keys that contain a text such as `%41` are misread; they can be sent in the
 * form.
 */
function decodeClientText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Section 3.3: names separated by single spaces, in any order. */
function parseScope(scope: string | undefined): readonly Scope[] {
  if (!scope) return defaultScopes;
  const names = scope.split(' ');
  if (!names.every(isScope)) throw new TokenRequestError('invalid_scope', 'scope contains an unknown scope');
  return [...new Set(names)];
}

/** In characters: the sealed token must fit into a header together with the keys. */
export const maxAuthorizationDetails = 2048;

function parseNarrowing(text: string | undefined): Narrowing | null {
  if (!text) return null;
  const narrowing = text.length > maxAuthorizationDetails ? null : parseAuthorizationDetailsText(text);
  if (narrowing) return narrowing;
  throw new TokenRequestError(
    'invalid_authorization_details',
    `authorization_details must be a JSON array of objects with the type ${detailType} that name 1 to ${maxResources} resources or 1 to ${maxSids} sids, in at most ${maxAuthorizationDetails} characters`,
  );
}

/** Our own parameter: RFC 6749 leaves the lifetime to the server. */
function parseExpiresIn(text: string | undefined): number {
  if (!text) return tokenLifetime.default;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds < tokenLifetime.minimum || seconds > tokenLifetime.maximum) {
    throw new TokenRequestError(
      'invalid_request',
      `expires_in must be a whole number from ${tokenLifetime.minimum} to ${tokenLifetime.maximum}`,
    );
  }
  return seconds;
}
