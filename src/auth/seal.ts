/**
 * Seals small values into texts that only this gateway can read or create (JWE compact, RFC 7516, `dir` with
 * A256GCM): access tokens, audio links, staged uploads.
 */
import { base64url, CompactEncrypt, compactDecrypt } from 'jose';
import { isCanonicalJwe } from './canonical.ts';

/** The use of a sealed text. Each purpose has its own keys, so that a link never opens as a token. */
export type Purpose = 'access-token' | 'audio-link' | 'staged-audio' | 'export-keys';

export interface Sealer {
  /** `payload` is JSON. `expiresAt` in seconds since 1970. */
  seal(purpose: Purpose, payload: unknown, expiresAt: number): Promise<string>;
  /** Throws only SealError: for a text that this gateway did not seal for this purpose, and for an expired one. */
  open(purpose: Purpose, text: string): Promise<Opened>;
}

interface Opened {
  readonly payload: unknown;
  /** In seconds since 1970. */
  readonly expiresAt: number;
}

export interface SealerOptions {
  /** 32 random bytes each: the first seals, all open. */
  readonly keys: readonly Uint8Array[];
  /** Texts of a gateway with another issuer do not open here, even with the same keys. */
  readonly issuer: string;
  readonly audience: string;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/** `signature`: changed, or sealed for another purpose or by a gateway under another name. */
type SealReason = 'expired' | 'malformed' | 'unknown-key' | 'signature';

export class SealError extends Error {
  override readonly name = 'SealError';
  readonly reason: SealReason;

  constructor(reason: SealReason, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}

/** Well above the largest sealed text (two keys and a path), and small enough to reject cheaply. */
const maxLength = 8192;

export function createSealer({ keys, issuer, audience, now = Date.now }: SealerOptions): Sealer {
  let ring: Ring | undefined;
  // Caches the finished ring instead of its promise: on Workers, a request must not await another request's
  // promise.
  const loadRing = async () => {
    ring ??= await createRing(keys, [issuer, audience]);
    return ring;
  };

  return {
    async seal(purpose, payload, expiresAt) {
      const { first } = await loadRing();
      const content = new TextEncoder().encode(JSON.stringify({ exp: expiresAt, payload }));
      return await new CompactEncrypt(content)
        .setProtectedHeader(first.header)
        .encrypt(await first.keyFor(purpose));
    },

    async open(purpose, text) {
      if (text.length > maxLength || !isCanonicalJwe(text)) throw new SealError('malformed');
      // Compares the header instead of parsing it, so that only our own algorithm and keys apply.
      const member = (await loadRing()).byHeader.get(text.slice(0, text.indexOf('.')));
      if (!member) throw new SealError('unknown-key');
      const { exp, payload } = await decrypt(text, await member.keyFor(purpose));
      if (now() >= exp * 1000) throw new SealError('expired');
      return { payload, expiresAt: exp };
    },
  };
}

async function decrypt(text: string, key: CryptoKey): Promise<{ exp: number; payload: unknown }> {
  const algorithms = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
  try {
    const { plaintext } = await compactDecrypt(text, key, algorithms);
    // The tag has matched, so `seal` wrote this.
    return JSON.parse(new TextDecoder().decode(plaintext));
  } catch (cause) {
    throw new SealError('signature', { cause });
  }
}

interface Ring {
  readonly first: Member;
  /** By the first segment of the texts that each member seals. */
  readonly byHeader: ReadonlyMap<string, Member>;
}

interface Member {
  readonly header: { readonly alg: 'dir'; readonly enc: 'A256GCM'; readonly kid: string };
  keyFor(purpose: Purpose): Promise<CryptoKey>;
}

async function createRing(keys: readonly Uint8Array[], binding: readonly string[]): Promise<Ring> {
  const members = await Promise.all(keys.map((key) => createMember(key, binding)));
  const [first] = members;
  if (!first) throw new RangeError('a sealer needs at least one key');
  const toSegment = ({ header }: Member) => base64url.encode(JSON.stringify(header));
  return { first, byHeader: new Map(members.map((member) => [toSegment(member), member])) };
}

async function createMember(key: Uint8Array, binding: readonly string[]): Promise<Member> {
  const material = await crypto.subtle.importKey('raw', key.slice(), 'HKDF', false, [
    'deriveBits',
    'deriveKey',
  ]);
  const toParameters = (info: readonly string[]) => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(),
    info: new TextEncoder().encode(JSON.stringify(['recordings-gateway', ...info])),
  });
  const name = new Uint8Array(await crypto.subtle.deriveBits(toParameters(['kid']), material, 48));
  const derived = new Map<Purpose, CryptoKey>();
  return {
    header: { alg: 'dir', enc: 'A256GCM', kid: base64url.encode(name) },
    async keyFor(purpose) {
      const known = derived.get(purpose);
      if (known) return known;
      const parameters = toParameters(['key', ...binding, purpose]);
      const usages: KeyUsage[] = ['encrypt', 'decrypt'];
      const result = await crypto.subtle.deriveKey(
        parameters,
        material,
        { name: 'AES-GCM', length: 256 },
        false,
        usages,
      );
      derived.set(purpose, result);
      return result;
    },
  };
}
