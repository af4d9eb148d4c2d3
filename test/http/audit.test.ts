/** The audit trail: one event per action of a caller, none for other requests, and never a key. */
import { describe, expect, it } from 'vitest';
import { sids } from '../emulator/seeds.ts';
import { basic, startGateway, type TestGateway } from '../support/harness.ts';
import { bearer, issueToken, tokenEnv } from '../support/token-client.ts';

const sid = '0907065723240097';
const audio = `/recordings/${sid}/audio`;
const start = () => startGateway({ env: { ...tokenEnv, AUDIT: 'on' } });

async function trail(gateway: TestGateway, path: string, init: RequestInit = {}) {
  const before = gateway.log.length;
  const response = await gateway.fetch(path, {
    ...init,
    headers: { ...basic(gateway.emulator), ...init.headers },
  });
  await response.arrayBuffer();
  const isLogged = () => gateway.log.slice(before).some(({ event }) => event === 'request');
  await expect.poll(isLogged).toBe(true);
  return gateway.log.slice(before).filter(({ event }) => event === 'audit');
}

const account = expect.stringMatching(/^[\da-f]{32}$/);
const json = { 'Content-Type': 'application/json' };
const upload = JSON.stringify({ type: 'findme', id: 1234, path: '/path/to/audio.wav' });

describe('AUDIT=on', () => {
  it.each([
    ['play', audio, {}, { sid, status: 200, outcome: 'success', range: null }],
    [
      'play',
      audio,
      { headers: { Range: 'bytes=0-1' } },
      { sid, status: 206, outcome: 'success', range: expect.stringMatching(/^bytes 0-1\/\d+$/) },
    ],
    ['download', `${audio}?download=true`, {}, { sid, status: 200, outcome: 'success' }],
    [
      'play',
      '/recordings/0000000000000000/audio',
      {},
      { sid: '0000000000000000', status: 404, outcome: 'rejected', problem: 'recording-not-found' },
    ],
    [
      'create-link',
      `${audio}-links`,
      { method: 'POST', headers: json, body: '{}' },
      { sid, status: 201, outcome: 'success' },
    ],
    ['delete', `/recordings/${sid}`, { method: 'DELETE' }, { sid, status: 204, outcome: 'success' }],
    [
      'upload',
      '/uploads',
      { method: 'POST', headers: json, body: upload },
      { sid: null, resource: { type: 'findme', id: '1234' }, status: 201, outcome: 'success' },
    ],
    [
      'upload',
      '/uploads',
      { method: 'POST', headers: json, body: '{"type":"canary"}' },
      { resource: null, status: 400, outcome: 'rejected' },
    ],
  ])('writes one event for %s of %s', async (action, path, init, expected) => {
    const gateway = await start();
    const events = await trail(gateway, path, init);
    expect(events).toEqual([
      expect.objectContaining({
        event: 'audit',
        action,
        account,
        subject: account,
        auth_method: 'basic',
        ...expected,
      }),
    ]);
    expect(JSON.stringify(events)).not.toMatch(/foofoofoo|foobarfoo|canary/);
  });

  it('records the link and the token as authentication methods', async () => {
    const gateway = await start();
    const made = await gateway.fetch(`${audio}-links`, {
      method: 'POST',
      headers: { ...basic(gateway.emulator), ...json },
      body: '{}',
    });
    const { pathname, search } = new URL((await made.json()).url, 'https://gateway.example');
    const response = await gateway.fetch(pathname + search);
    await response.arrayBuffer();
    const byLink = () =>
      gateway.log.filter(({ event, auth_method }) => event === 'audit' && auth_method === 'link');
    await expect.poll(byLink).toHaveLength(1);
    expect(JSON.stringify(byLink())).not.toContain(search.slice(-20));
    const headers = bearer(await issueToken(gateway));
    expect(await trail(gateway, audio, { headers })).toMatchObject([{ auth_method: 'token', sid }]);
  });

  it.each([
    ['a list', '/recordings?type=findme&id=1234', {}],
    ['HEAD', audio, { method: 'HEAD' }],
    ['a recording that is still processing', `/recordings/${sids.processing}/audio`, {}],
    ['health', '/health', {}],
    ['rejected credentials', audio, { headers: { Authorization: 'Basic !' } }],
  ])('writes no event for %s', async (_, path, init) => {
    expect(await trail(await start(), path, init)).toEqual([]);
  });

  it('distinguishes failures of the legacy service', async () => {
    const gateway = await start();
    gateway.emulator.fault({ name: 'bad-gateway', times: 5 });
    expect(await trail(gateway, audio)).toMatchObject([
      { status: 502, outcome: 'failed', problem: 'legacy-invalid-response' },
    ]);
  });
});

it('without AUDIT no event is written', async () => {
  expect(await trail(await startGateway(), audio)).toEqual([]);
});
