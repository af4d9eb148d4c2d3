/** Requests the gateway's tokens and links, and seals others that no gateway would issue. */
import { createSealer, type Sealer } from '../../src/auth/seal.ts';
import { basic, type TestGateway } from './harness.ts';

const key = new TextEncoder().encode('a key for tests, 32 bytes long..');

export const tokenEnv = { TOKEN_KEYS: btoa(String.fromCharCode(...key)) };

/** The gateway's sealer as of this many seconds ago, whose texts have aged since. */
export function agedSealer(age: number): Sealer {
  const name = 'recordings-gateway';
  return createSealer({ keys: [key], issuer: name, audience: name, now: () => Date.now() - age * 1000 });
}

export async function requestToken(
  gateway: TestGateway,
  form: Record<string, string> = {},
  headers: Record<string, string> = basic(gateway.emulator),
): Promise<Response> {
  return gateway.fetch('/oauth/token', {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString(),
  });
}

export async function issueToken(gateway: TestGateway, form?: Record<string, string>): Promise<string> {
  const response = await requestToken(gateway, form);
  if (response.status !== 200) throw new Error(`no token: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { access_token: string }).access_token;
}

export function bearer(token: string): { Authorization: string } {
  return { Authorization: `Bearer ${token}` };
}

/** The path and query of a link to an audio of the page's account. */
export async function createLink(
  gateway: TestGateway,
  wanted: { sid?: string; [member: string]: unknown } = {},
): Promise<string> {
  const { sid = '0907065723240097', ...body } = wanted;
  const response = await gateway.fetch(`/recordings/${sid}/audio-links`, {
    method: 'POST',
    headers: { ...basic(gateway.emulator), 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status !== 201) throw new Error(`no link: ${response.status} ${await response.text()}`);
  const { url } = (await response.json()) as { url: string };
  const { pathname, search } = new URL(url, 'https://gateway.example');
  return pathname + search;
}
