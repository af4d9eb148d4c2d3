/** HTTP Basic (RFC 7617), read strictly: the access key is the user-id, the secret access key the password. */
import type { LegacyCredentials } from '../legacy/wire.ts';
import { AuthError } from './failure.ts';

/** In base64 characters. The keys we know of take 172. */
const maxLength = 2048;

/** `credentials` is the text after the scheme. Throws AuthError. */
export function parseBasic(credentials: string): LegacyCredentials {
  const [accessKey, secretAccessKey] = parseUserPass(credentials);
  if (accessKey === '') throw malformed('The user-id, which is the access key, is empty.');
  if (secretAccessKey === '') throw malformed('The password, which is the secret access key, is empty.');
  return { accessKey, secretAccessKey };
}

/** Splits at the first colon (section 2: a user-id has none, a password may). Throws AuthError. */
export function parseUserPass(credentials: string): [user: string, password: string] {
  if (credentials.length > maxLength) throw malformed('The Basic credentials are too long.');
  const text = decodeText(credentials);
  // Section 2: "The user-id and password MUST NOT contain any control characters".
  if (/\p{Cc}/u.test(text)) throw malformed('The Basic credentials contain a control character.');
  const colon = text.indexOf(':');
  if (colon < 0)
    throw malformed('The Basic credentials have no colon between access key and secret access key.');
  return [text.slice(0, colon), text.slice(colon + 1)];
}

function decodeText(base64: string): string {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64) || base64 === '') {
    throw malformed('The Basic credentials are not base64.');
  }
  const bytes = Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('The Basic credentials are not UTF-8.');
  }
}

function malformed(detail: string): AuthError {
  return new AuthError({ kind: 'malformed', scheme: 'basic', detail });
}
