/** Turns a request's credentials into a Caller: picks the authentication method and lets it decide. */
import QuickLRU from 'quick-lru';
import { type AllowedAccounts, isAllowed } from './allowed-accounts.ts';
import { parseBasic } from './basic.ts';
import { type Caller, createCaller, createOwner } from './caller.ts';
import { AuthError } from './failure.ts';
import type { IdentityProvider } from './identity-provider.ts';
import type { AudioLinks, LinkedAudio } from './links.ts';
import type { AccessTokens } from './tokens.ts';

/** A method that is not configured is null. */
export interface AuthenticateOptions {
  readonly tokens: AccessTokens | null;
  readonly identityProvider: IdentityProvider | null;
  readonly links: AudioLinks | null;
  /** Null serves every account. */
  readonly allowedAccounts?: AllowedAccounts | null;
  /** False rejects account keys, from Basic and from tokens and links that carry them. */
  readonly acceptsKeys?: boolean;
}

/** The token of an audio link, and the audio that the rest of its URL names. */
export interface LinkCredentials {
  readonly token: string;
  readonly audio: LinkedAudio;
}

/** Makes no legacy call; the operation itself shows whether the legacy service knows the keys. Throws AuthError. */
export type Authenticate = (headers: Headers, link?: LinkCredentials | null) => Promise<Caller>;

export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { tokens, identityProvider, links, allowedAccounts = null, acceptsKeys = true } = options;
  /** By the text after `Basic`. Hashing waits for other threads, which costs more than most of a short request. */
  const owners = new QuickLRU<string, Promise<Caller>>({ maxSize: 500 });

  function openBasic(credentials: string): Promise<Caller> {
    const known = owners.get(credentials);
    if (known) return known;
    const owner = createOwner(parseBasic(credentials));
    owners.set(credentials, owner);
    return owner;
  }

  return async (headers, link) => {
    const caller = await identify(headers, link);
    if (!(await isAllowed(allowedAccounts, caller.credentials.accessKey))) {
      throw new AuthError({ kind: 'account-not-allowed' });
    }
    return caller;
  };

  async function identify(headers: Headers, link?: LinkCredentials | null): Promise<Caller> {
    // An empty header counts as absent: not every runtime passes it on.
    const header = headers.get('authorization') || null;
    if (link) {
      if (header !== null) throw new AuthError({ kind: 'two-credentials' });
      if (!links) throw unsupported('This gateway has no audio links: its operator has not set TOKEN_KEYS.');
      const access = await links.open(link.token, link.audio);
      // The token or link dates from when the operator still accepted keys.
      if (access.bringsOwnKeys && !acceptsKeys)
        throw new AuthError({ kind: 'invalid-link', reason: 'keys-not-accepted' });
      return createCaller(access);
    }
    if (header === null) throw new AuthError({ kind: 'missing' });
    const { scheme, credentials } = parseAuthorization(header);
    if (scheme === 'basic') {
      if (!acceptsKeys)
        throw unsupported('This gateway accepts no account keys. Send a token of its identity provider.');
      return await openBasic(credentials);
    }
    if (scheme === 'bearer') return createCaller(await openBearer(credentials));
    throw unsupported('The gateway takes Basic and Bearer.');
  }

  function openBearer(token: string) {
    if (!tokens && !identityProvider) {
      throw unsupported(
        'This gateway takes no tokens: its operator has set neither TOKEN_KEYS nor JWKS_URL.',
      );
    }
    switch (token.split('.').length) {
      case 5:
        if (tokens) return tokens.open(token);
        throw unsupported('This gateway issues no tokens: its operator has not set TOKEN_KEYS.');
      case 3:
        if (identityProvider) return identityProvider.open(token);
        throw unsupported('This gateway has no identity provider: its operator has not set JWKS_URL.');
      default:
        throw new AuthError({ kind: 'invalid-token', reason: 'malformed' });
    }
  }
}

/** RFC 9110 section 11.4: a scheme in any case, spaces, a token68. Throws AuthError. */
export function parseAuthorization(header: string): { scheme: string; credentials: string } {
  // A token68 has no comma. A comma means two joined headers, or a scheme with parameters.
  if (/,\s*(?:basic|bearer)(?:\s|$)/i.test(header)) throw new AuthError({ kind: 'two-credentials' });
  const space = header.indexOf(' ');
  const scheme = (space < 0 ? header : header.slice(0, space)).toLowerCase();
  const credentials = space < 0 ? '' : header.slice(space).replace(/^ +/, '');
  if ((scheme === 'basic' || scheme === 'bearer') && !/^[\w.~+/-]+=*$/.test(credentials)) {
    throw new AuthError({
      kind: 'malformed',
      scheme,
      detail: 'The credentials after the scheme are not a token (token68).',
    });
  }
  return { scheme, credentials };
}

function unsupported(detail: string): AuthError {
  return new AuthError({ kind: 'unsupported', detail });
}
