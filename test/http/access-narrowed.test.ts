/** Narrowed tokens: every operation of the document by token, JWT and link, inside and outside the grant. */
import { describe, expect, it } from 'vitest';
import { basic, startGateway, type TestGateway } from '../support/harness.ts';
import { createJwtIssuer } from '../support/jwt-issuer.ts';
import { guarded, type Operation, toSuccesses } from '../support/operations.ts';
import { bearer, requestToken, tokenEnv } from '../support/token-client.ts';

const issuer = await createJwtIssuer();
const claim = 'authorization_details';
const env = { ...issuer.env, ...tokenEnv, JWT_DETAILS_CLAIM: claim, UPLOAD_PATH_PREFIXES: '/path/' };
const start = () => startGateway({ env, fetch: issuer.fetch });

const sid = '0907065723240097';
const otherSid = '0932654521723728';
const findme = { type: 'findme', id: 1234 };

/** The operation's target decides which narrowing covers it. Operations without one reject narrowed tokens. */
type Target = 'recording' | 'resource' | 'account';

function toTarget({ path, init }: Operation): Target {
  if (path.includes(sid)) return 'recording';
  return /type=findme&id=1234|"type":"findme","id":1234/.test(`${path} ${init.body ?? ''}`)
    ? 'resource'
    : 'account';
}

interface Narrowing {
  readonly title: string;
  readonly detail: object;
  readonly reaches: readonly Target[];
}

const narrowings: readonly Narrowing[] = [
  {
    title: 'the named resources, by lists that contain the recording',
    detail: { resources: [findme, { type: 'recorded_calls', id: 1234 }] },
    reaches: ['resource', 'recording'],
  },
  { title: 'one resource, without the recording', detail: { resources: [findme] }, reaches: ['resource'] },
  { title: 'the recording', detail: { sids: [sid] }, reaches: ['recording'] },
  {
    title: 'the recording and the resource',
    detail: { resources: [findme], sids: [sid] },
    reaches: ['resource', 'recording'],
  },
  {
    title: 'other resources',
    detail: {
      resources: [
        { type: 'queue', id: 1234 },
        { type: 'findme', id: 12 },
      ],
    },
    reaches: [],
  },
  { title: 'the type without the ID', detail: { resources: [{ type: 'findme' }] }, reaches: [] },
  { title: 'another recording', detail: { sids: [otherSid] }, reaches: [] },
];

const ways = {
  token: async (gateway: TestGateway, scope: string, detail: object) => {
    const form = { scope, [claim]: JSON.stringify([{ type: 'recordings', ...detail }]) };
    const response = await requestToken(gateway, form);
    expect(response.status).toBe(200);
    return bearer((await response.json()).access_token);
  },
  JWT: async (_: TestGateway, scope: string, detail: object) =>
    bearer(await issuer.sign({ scope, [claim]: [{ type: 'recordings', ...detail }] })),
};

const rows = guarded.flatMap((operation) =>
  narrowings.flatMap((narrowing) =>
    (['token', 'JWT'] as const).map((way) => ({ ...narrowing, way, operation, name: operation.operationId })),
  ),
);

describe('a narrowed token', () => {
  it('covers operations on recordings and on resources', () => {
    const targets = new Set(guarded.map(toTarget));
    expect([targets.has('recording'), targets.has('resource')]).toEqual([true, true]);
  });

  it.each(rows)('$name by $way, narrowed to $title', async ({ operation, way, detail, reaches }) => {
    const gateway = await start();
    const credentials = await ways[way](gateway, operation.scope, detail);
    const before = gateway.emulator.calls.length;
    const headers = { ...operation.init.headers, ...credentials };
    const response = await gateway.fetch(operation.path, { ...operation.init, headers });
    const target = toTarget(operation);
    if (target !== 'account' && reaches.includes(target)) {
      await response.arrayBuffer();
      expect(toSuccesses(operation)).toContain(response.status);
      return;
    }
    expect([response.status, (await response.json()).type]).toEqual([403, '/problems/resource-not-allowed']);
    expect(response.headers.get('WWW-Authenticate')).toBeNull();
    // Only the search for the recording's list may call the legacy service.
    const actions = gateway.emulator.calls.slice(before).map(({ action }) => action);
    expect(actions.filter((action) => action !== 'recording.list')).toEqual([]);
    if (target !== 'recording') expect(actions).toEqual([]);
  });

  it.each(['token', 'JWT'] as const)('by %s creates links for its recordings, and they play', async (way) => {
    const gateway = await start();
    const headers = {
      ...(await ways[way](gateway, 'recordings:read', { sids: [sid] })),
      'Content-Type': 'application/json',
    };
    const init = { method: 'POST', headers, body: '{}' };
    const made = await gateway.fetch(`/recordings/${sid}/audio-links`, init);
    const { pathname, search } = new URL((await made.json()).url, 'https://gateway.example');
    const played = await gateway.fetch(pathname + search);
    expect([made.status, played.status]).toEqual([201, 200]);
    await played.arrayBuffer();
    const other = await gateway.fetch(`/recordings/${otherSid}/audio-links`, init);
    expect([other.status, (await other.json()).type]).toEqual([403, '/problems/resource-not-allowed']);
    const elsewhere = await gateway.fetch(pathname.replace(sid, otherSid) + search);
    expect([elsewhere.status, (await elsewhere.json()).type]).toEqual([403, '/problems/invalid-link']);
  });

  it('deletes the recordings it covers and no others', async () => {
    const gateway = await start();
    const headers = await ways.token(gateway, 'recordings:delete', {
      resources: [{ type: 'recorded_calls', id: 1234 }],
    });
    const remove = (name: string) => gateway.fetch(`/recordings/${name}`, { method: 'DELETE', headers });
    expect([(await remove(otherSid)).status, (await remove(sid)).status]).toEqual([403, 204]);
    const list = await gateway.fetch('/recordings?type=findme&id=1234', { headers: basic(gateway.emulator) });
    expect((await list.json()).recordings.map((recording: { sid: string }) => recording.sid)).toContain(
      otherSid,
    );
  });

  it('costs one list for many made-up sids', async () => {
    const gateway = await start();
    const headers = await ways.token(gateway, 'recordings:read', { resources: [findme] });
    const before = gateway.emulator.calls.length;
    for (let index = 0; index < 20; index += 1) {
      const response = await gateway.fetch(`/recordings/0000${index}/audio`, { headers });
      expect(response.status).toBe(403);
      await response.arrayBuffer();
    }
    expect(gateway.emulator.calls.length - before).toBe(1);
  });

  it.each(['01234', '1234%20', '12345'])(
    'does not list findme/%s when narrowed to findme/1234',
    async (id) => {
      const gateway = await start();
      const headers = await ways.token(gateway, 'recordings:read', { resources: [findme] });
      const response = await gateway.fetch(`/recordings?type=findme&id=${id}`, { headers });
      expect([400, 403]).toContain(response.status);
      await response.arrayBuffer();
    },
  );

  it('reports a list that cannot be searched', async () => {
    const gateway = await start();
    const headers = await ways.token(gateway, 'recordings:read', { resources: [findme] });
    gateway.emulator.fault({ name: 'bad-gateway', times: 5 });
    const response = await gateway.fetch(`/recordings/${sid}/audio`, { headers });
    expect([response.status, (await response.json()).type]).toEqual([
      502,
      '/problems/legacy-invalid-response',
    ]);
  });
});

describe('a JWT with a configured claim', () => {
  it.each([
    ['without the claim', {}, 403],
    ['with an empty claim', { [claim]: [] }, 403],
    ['with a broken claim', { [claim]: '*' }, 403],
    ["with another service's details", { [claim]: [{ type: 'payments' }] }, 403],
    ['for the whole account', { [claim]: 'all' }, 200],
  ])('%s', async (_, claims, status) => {
    const gateway = await start();
    const headers = bearer(await issuer.sign({ scope: 'recordings:read', ...claims }));
    const response = await gateway.fetch('/recordings?type=findme&id=1234', { headers });
    expect(response.status).toBe(status);
    await response.arrayBuffer();
  });
});

describe('issuing a narrowed token', () => {
  it('repeats the grant', async () => {
    const gateway = await start();
    const details = [{ type: 'recordings', resources: [findme], sids: [sid] }];
    const response = await requestToken(gateway, { [claim]: JSON.stringify(details) });
    expect(await response.json()).toMatchObject({ scope: 'recordings:read', [claim]: details });
  });

  it('omits details if none were requested', async () => {
    const gateway = await start();
    expect(await (await requestToken(gateway)).json()).not.toHaveProperty(claim);
  });

  it.each([
    ['text', 'findme/1234'],
    ['an object', '{"type":"recordings","sids":["1"]}'],
    ['nothing', '[]'],
    ['another type', '[{"type":"payments"}]'],
    ['too much text', JSON.stringify([{ type: 'recordings', sids: Array(100).fill('1'.repeat(64)) }])],
  ])('rejects %s, without a legacy call', async (_, text) => {
    const gateway = await start();
    const response = await requestToken(gateway, { [claim]: text });
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: 'invalid_authorization_details', error_description: expect.stringMatching(/^[^"\\]{5,200}$/) },
    ]);
    expect(gateway.emulator.calls).toHaveLength(0);
  });

  it('fits into a header with the longest keys and details', async () => {
    const gateway = await start();
    const sids = Array.from({ length: 100 }, (_, index) => `${index}`.padStart(16, '0'));
    const text = JSON.stringify([{ type: 'recordings', sids }]);
    const { accessKey, secretAccessKey } = gateway.emulator.account('north');
    const form = { client_id: accessKey, client_secret: secretAccessKey, [claim]: text };
    const response = await requestToken(gateway, form, {});
    const { access_token } = await response.json();
    expect([response.status, access_token.length < 4096]).toEqual([200, true]);
    const audio = await gateway.fetch(`/recordings/${sid}/audio`, { headers: bearer(access_token) });
    expect(audio.status).toBe(403);
    await audio.arrayBuffer();
  });
});
