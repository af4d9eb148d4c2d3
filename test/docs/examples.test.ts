/** The programs in docs/examples, as the pages quote them, in front of a real gateway. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { type GatewayOptions, startGateway } from '../support/harness.ts';
import { bearer, createLink, tokenEnv } from '../support/token-client.ts';

const example = new URL('../../docs/examples/phone-app-server.ts', import.meta.url);
const session = { Authorization: 'Bearer a-session-of-the-app' };
let server: ChildProcess | undefined;

afterEach(() => {
  server?.kill();
});

async function startExample(options: GatewayOptions = {}, secret = 'foobarfoo') {
  const gateway = await startGateway({ env: tokenEnv, ...options });
  const health = await gateway.fetch('/health');
  await health.arrayBuffer();
  const { origin } = new URL(health.url);
  const child = spawn(process.execPath, [example.pathname], {
    env: {
      GATEWAY_URL: origin,
      ACCESS_KEY: 'foofoofoo',
      SECRET_ACCESS_KEY: secret,
      APP_SESSION: 'a-session-of-the-app',
      PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  server = child;
  const [line] = await once(child.stdout, 'data');
  const { port } = JSON.parse(String(line).replace(/^listening on /, ''));
  const ask = (headers = session) =>
    fetch(`http://127.0.0.1:${port}/recordings-token`, { method: 'POST', headers });
  return { gateway, ask };
}

describe('the server of a phone app', () => {
  it('gives a signed-in app a token that only allows listening', async () => {
    const { gateway, ask } = await startExample();
    const { access_token, expires_at } = await (await ask()).json();
    expect(expires_at).toBeGreaterThan(Date.now() + 800_000);
    const headers = bearer(access_token);
    const list = await gateway.fetch('/recordings?type=findme&id=1234', { headers });
    const [recording] = (await list.json()).recordings;
    const audio = await gateway.fetch(recording.audio_url, { headers });
    expect([list.status, audio.status, audio.headers.get('Content-Type')]).toEqual([200, 200, 'audio/wav']);
    await audio.arrayBuffer();
    const removal = await gateway.fetch(`/recordings/${recording.sid}`, { method: 'DELETE', headers });
    expect(removal.status).toBe(403);
    await removal.arrayBuffer();
  });

  it('requests one token and reuses it', async () => {
    const { gateway, ask } = await startExample();
    const first = await (await ask()).json();
    expect(await (await ask()).json()).toEqual(first);
    expect(gateway.emulator.calls).toHaveLength(1);
  });

  it('rejects strangers, and never returns the keys', async () => {
    const { gateway, ask } = await startExample({}, 'wrong');
    const stranger = await ask({ Authorization: 'Bearer another-session' });
    expect(stranger.status).toBe(401);
    expect(gateway.emulator.calls).toHaveLength(0);
    const refused = await ask();
    expect([refused.status, await refused.json()]).toEqual([
      502,
      { error: 'recordings are not available at the moment' },
    ]);
  });

  it('is quoted unchanged in docs/access.md', () => {
    const page = readFileSync(new URL('../../docs/access.md', import.meta.url), 'utf8');
    expect(page).toContain(readFileSync(example, 'utf8').trimEnd());
  });
});

it('an audio element can play a link without headers', async () => {
  const gateway = await startGateway({ env: tokenEnv });
  const link = await createLink(gateway, { format: 'mp3' });
  const asked = await gateway.fetch(link, { headers: { 'Sec-Fetch-Dest': 'audio', Range: 'bytes=0-' } });
  expect([asked.status, asked.headers.get('Content-Type')]).toEqual([206, 'audio/mpeg']);
  await asked.arrayBuffer();
});
