/** Sealing for every purpose: what it hides, what it rejects, how its keys rotate. */
import fc from 'fast-check';
import { CompactEncrypt } from 'jose';
import { describe, expect, it } from 'vitest';
import { createSealer, type Purpose, type SealerOptions } from '../../../src/auth/seal.ts';

const now = 1_790_000_000;
const keyOf = (byte: number) => new Uint8Array(32).fill(byte);
const create = (options: Partial<SealerOptions> = {}) =>
  createSealer({
    keys: [keyOf(1)],
    issuer: 'https://gateway.test',
    audience: 'https://gateway.test',
    now: () => now * 1000,
    ...options,
  });
const sealer = create();
const payload = { sid: '0907065723240097', secret: 'CANARY-secret-access-key' };
const sealed = await sealer.seal('access-token', payload, now + 60);
const invalid = {
  name: 'SealError',
  reason: expect.stringMatching(/^(?:malformed|unknown-key|signature)$/),
};
const because = (reason: string) => ({ name: 'SealError', reason });

describe('a sealed text', () => {
  it('opens for its purpose until it expires', async () => {
    expect(await sealer.open('access-token', sealed)).toEqual({ payload, expiresAt: now + 60 });
    const justBefore = create({ now: () => (now + 60) * 1000 - 1 });
    expect(await justBefore.open('access-token', sealed)).toMatchObject({ payload });
  });

  it('is expired from the second of its expiry on', async () => {
    const later = create({ now: () => (now + 60) * 1000 });
    await expect(later.open('access-token', sealed)).rejects.toMatchObject({ reason: 'expired' });
  });

  it('shows nothing of its content', () => {
    const readable = sealed.split('.').map((part) => atob(part.replaceAll('-', '+').replaceAll('_', '/')));
    expect([sealed, ...readable].join(' ')).not.toMatch(/CANARY|secret|0907|access-token|gateway/);
  });

  it('differs each time', async () => {
    expect(await sealer.seal('access-token', payload, now + 60)).not.toBe(sealed);
  });

  it('is rejected after any change of one bit', async () => {
    const bytes = new TextEncoder().encode(sealed);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const text = new TextDecoder('latin1').decode(changed);
      await expect(sealer.open('access-token', text), `bit ${bit}`).rejects.toMatchObject(invalid);
    }
  });

  it('is rejected after any change of one character to another of its alphabet', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    // The last characters of each part have bits that a lenient decoder ignores.
    const ends = sealed.split('.').map((_, index, parts) => parts.slice(0, index + 1).join('.').length - 1);
    for (const end of ends) {
      for (const character of alphabet.replace(sealed[end] ?? '', '')) {
        const text = sealed.slice(0, end) + character + sealed.slice(end + 1);
        await expect(sealer.open('access-token', text), text).rejects.toMatchObject(invalid);
      }
    }
  });

  it('is rejected when truncated anywhere', async () => {
    for (let length = 0; length < sealed.length; length++) {
      await expect(sealer.open('access-token', sealed.slice(0, length))).rejects.toMatchObject(invalid);
    }
  });

  it.each<Purpose>(['audio-link', 'staged-audio'])('does not open as %s', async (purpose) => {
    await expect(sealer.open(purpose, sealed)).rejects.toMatchObject(because('signature'));
  });

  it.each([
    ['another issuer', { issuer: 'https://other.test' }, 'signature'],
    ['another audience', { audience: 'https://other.test' }, 'signature'],
    ['other keys', { keys: [keyOf(2), keyOf(3)] }, 'unknown-key'],
  ])('does not open for %s', async (_, options, reason) => {
    await expect(create(options).open('access-token', sealed)).rejects.toMatchObject(because(reason));
  });

  it('opens with a key that no longer seals, until that key is removed', async () => {
    const rotated = create({ keys: [keyOf(2), keyOf(1)] });
    expect(await rotated.open('access-token', sealed)).toMatchObject({ payload });
    const fresh = await rotated.seal('access-token', payload, now + 60);
    expect(await create({ keys: [keyOf(2)] }).open('access-token', fresh)).toMatchObject({ payload });
    await expect(sealer.open('access-token', fresh)).rejects.toMatchObject(because('unknown-key'));
  });
});

describe('a text that was not sealed here', () => {
  it('is always rejected', async () => {
    const part = fc.stringMatching(/^[\w-]{0,40}$/);
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 100 }),
      fc.array(part, { minLength: 5, maxLength: 5 }).map((parts) => parts.join('.')),
      part.map((ciphertext) => `${sealed.split('.')[0]}..${'A'.repeat(16)}.${ciphertext}.${'A'.repeat(22)}`),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        await expect(sealer.open('access-token', text)).rejects.toMatchObject(invalid);
      }),
    );
  });

  it.each([
    ['the raw key under our form of header', { alg: 'dir', enc: 'A256GCM' }],
    ['another algorithm', { alg: 'A256KW', enc: 'A256GCM' }],
    ['another encryption', { alg: 'dir', enc: 'A128CBC-HS256' }],
  ])('is rejected with %s', async (_, header) => {
    const content = new TextEncoder().encode(JSON.stringify({ exp: now + 60, payload }));
    const text = await new CompactEncrypt(content).setProtectedHeader(header).encrypt(keyOf(1));
    await expect(sealer.open('access-token', text)).rejects.toMatchObject(invalid);
  });

  it('is rejected at once when it is long', async () => {
    await expect(sealer.open('access-token', 'A'.repeat(10_000_000))).rejects.toMatchObject(
      because('malformed'),
    );
  });
});

it('needs a key to open', async () => {
  await expect(create({ keys: [] }).seal('staged-audio', 1, now)).rejects.toThrow('at least one key');
});
