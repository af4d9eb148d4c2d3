/** Audio links: each opens one audio of its creator's account until it expires. */
import { describe, expect, it } from 'vitest';
import { createCaller, createOwner } from '../../../src/auth/caller.ts';
import { createAudioLinks, type LinkedAudio } from '../../../src/auth/links.ts';
import { createSealer } from '../../../src/auth/seal.ts';

const now = 1_790_000_000;
const audio: LinkedAudio = { sid: '0907065723240097', format: 'mp3', sampleRate: 8000 };
const gatewayCredentials = { accessKey: 'gateway-access', secretAccessKey: 'gateway-secret' };
const owner = await createOwner({ accessKey: 'a'.repeat(64), secretAccessKey: 'b'.repeat(64) });

function createAt(seconds: number, held: typeof gatewayCredentials | null = gatewayCredentials) {
  const keys = [new Uint8Array(32).fill(7)];
  const sealer = createSealer({ keys, issuer: 'x', audience: 'x', now: () => seconds * 1000 });
  return createAudioLinks({ sealer, gatewayCredentials: held });
}

const links = createAt(now);
const token = await links.create(owner, audio, now + 900);
const refusal = (reason: string) => ({ failure: { kind: 'invalid-link', reason } });

describe('an audio link', () => {
  it('opens its audio with the keys of its creator, for reading only', async () => {
    expect(await links.open(token, audio)).toEqual({
      credentials: owner.credentials,
      scopes: ['recordings:read'],
      names: ['audio-link', token],
      bringsOwnKeys: true,
      authMethod: 'link',
      expiresAt: now + 900,
    });
  });

  it('is short and needs no escaping in a URL', () => {
    expect(token).toMatch(/^[\w.-]+$/);
    expect(token.length).toBeLessThan(400);
  });

  it.each([
    ['another sid', { sid: '0907065723240098' }],
    ['the sid without its leading zero', { sid: '907065723240097' }],
    ['another format', { format: 'wav' as const }],
    ['another sample rate', { sampleRate: 44_100 }],
  ])('does not open %s', async (_, other) => {
    await expect(links.open(token, { ...audio, ...other })).rejects.toMatchObject(refusal('other-audio'));
  });

  it('does not open after it expires', async () => {
    expect(await createAt(now + 899).open(token, audio)).toMatchObject({ authMethod: 'link' });
    await expect(createAt(now + 900).open(token, audio)).rejects.toMatchObject(refusal('expired'));
  });

  it('is rejected after any change of one bit', async () => {
    const bytes = new TextEncoder().encode(token);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const text = new TextDecoder('latin1').decode(changed);
      await expect(links.open(text, audio), `bit ${bit}`).rejects.toMatchObject(
        refusal(expect.stringMatching(/^(?:malformed|unknown-key|signature)$/)),
      );
    }
  });
});

describe("a link on the gateway's own account", async () => {
  const guest = await createCaller({
    credentials: gatewayCredentials,
    scopes: ['recordings:read'],
    bringsOwnKeys: false,
    authMethod: 'jwt',
    expiresAt: null,
  });
  const guestToken = await links.create(guest, audio, now + 900);

  it("contains no keys and opens with the gateway's current keys", async () => {
    expect(guestToken.length).toBeLessThan(token.length - 100);
    const changed = { accessKey: 'new', secretAccessKey: 'newer' };
    expect(await createAt(now, changed).open(guestToken, audio)).toMatchObject({
      credentials: changed,
      bringsOwnKeys: false,
    });
  });

  it('is rejected once the gateway has no keys', async () => {
    await expect(createAt(now, null).open(guestToken, audio)).rejects.toMatchObject(
      refusal('keys-not-accepted'),
    );
  });
});
