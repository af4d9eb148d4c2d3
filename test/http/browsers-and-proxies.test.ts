/** Requests as browsers, mail clients and proxies change them: added headers and parameters, slashes, hosts. */
import { describe, expect, it } from 'vitest';
import { basic, startGateway } from '../support/harness.ts';
import { createLink, tokenEnv } from '../support/token-client.ts';

const list = '/recordings?type=findme&id=1234';
const audio = '/recordings/0907065723240097/audio';

describe('a page of an allowed origin', () => {
  it.each(['https://app.example.com', '*'])('may send any header: CORS_ORIGINS=%s', async (origins) => {
    const gateway = await startGateway({ env: { CORS_ORIGINS: origins } });
    const response = await gateway.fetch(list, {
      method: 'OPTIONS',
      headers: {
        Origin: 'https://app.example.com',
        'Access-Control-Request-Method': 'GET',
        'Access-Control-Request-Headers': 'authorization,x-datadog-trace-id, X-Client-Version,bad name',
      },
    });
    const allowed = response.headers.get('Access-Control-Allow-Headers') ?? '';
    expect(allowed.split(', ')).toEqual(
      expect.arrayContaining(['Authorization', 'x-datadog-trace-id', 'X-Client-Version']),
    );
    expect(allowed).not.toContain('bad name');
    expect(response.headers.get('Vary')).toContain('Access-Control-Request-Headers');
  });

  it('of another origin may send no header', async () => {
    const gateway = await startGateway({ env: { CORS_ORIGINS: 'https://app.example.com' } });
    const headers = {
      Origin: 'https://evil.example',
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'x-any',
    };
    const response = await gateway.fetch(list, { method: 'OPTIONS', headers });
    expect(response.headers.get('Access-Control-Allow-Headers')).toBeNull();
  });
});

describe('a trace', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const tracestate = 'vendor=opaque,other=1';
  const baggage = 'tenant=blue;ttl=1, user=7';
  const nothing = '<response><result>success</result></response>';

  it.each([
    ['whole', { traceparent, tracestate, baggage }, { traceparent, tracestate, baggage }],
    ['without a parent, baggage only', { tracestate, baggage }, { baggage }],
    ['with a broken parent', { traceparent: 'x', tracestate, baggage }, { baggage }],
    ['with a state past its limit', { traceparent, tracestate: `a=${'x'.repeat(600)}` }, { traceparent }],
    ['with baggage past its limit', { traceparent, baggage: `a=${'x'.repeat(9000)}` }, { traceparent }],
  ])('is propagated to the legacy service: %s', async (_, sent, expected) => {
    const seen: Record<string, string>[] = [];
    const gateway = await startGateway({
      legacy(request) {
        const names = ['traceparent', 'tracestate', 'baggage'];
        const pairs = names.flatMap((name) => [[name, request.headers.get(name)] as const]);
        seen.push(
          Object.fromEntries(pairs.filter((pair): pair is readonly [string, string] => pair[1] !== null)),
        );
        return new Response(nothing, { headers: { 'Content-Type': 'text/xml' } });
      },
    });
    await (await gateway.fetch(list, { headers: { ...basic(gateway.emulator), ...sent } })).arrayBuffer();
    expect(seen).toEqual([expected]);
  });
});

describe('an audio link', () => {
  it.each(['utm_source=mail&utm_medium=x', 'fbclid=abc', 'gclid=a&_hsenc=b', 'v=2', 'a&a&a'])(
    'plays with %s appended',
    async (appended) => {
      const gateway = await startGateway({ env: tokenEnv });
      const link = await createLink(gateway, { format: 'mp3' });
      const response = await gateway.fetch(`${link}&${appended}`, { headers: { Range: 'bytes=0-1' } });
      expect(response.status).toBe(206);
      expect(response.headers.get('Content-Type')).toBe('audio/mpeg');
      expect((await response.arrayBuffer()).byteLength).toBe(2);
    },
  );

  it.each(['utm_source=mail', 'access_key=canary'])(
    'accepts %s, which is a 400 with keys',
    async (appended) => {
      const gateway = await startGateway({ env: tokenEnv });
      const headers = basic(gateway.emulator);
      expect((await gateway.fetch(`${audio}?${appended}`, { headers })).status).toBe(400);
    },
  );

  it('is relative without PUBLIC_URL, whatever the Host header says', async () => {
    const gateway = await startGateway({ env: tokenEnv });
    const response = await gateway.fetch(`${audio}-links`, {
      method: 'POST',
      headers: { ...basic(gateway.emulator), 'X-Forwarded-Host': 'evil.example' },
    });
    const { url } = (await response.json()) as { url: string };
    expect(url).toMatch(/^\/recordings\/0907065723240097\/audio\?format=wav&sample_rate=8000&token=[\w.-]+$/);
  });

  it('may be embedded by any page, unlike other responses', async () => {
    const gateway = await startGateway({ env: tokenEnv });
    const policy = async (path: string, headers: Record<string, string> = {}) => {
      const response = await gateway.fetch(path, { headers });
      await response.arrayBuffer();
      return response.headers.get('Cross-Origin-Resource-Policy');
    };
    expect(await policy(await createLink(gateway))).toBe('cross-origin');
    expect(await policy(audio, basic(gateway.emulator))).toBe('same-origin');
    expect(await policy(list, basic(gateway.emulator))).toBe('same-origin');
    expect(await policy('/recordings/0404/audio', basic(gateway.emulator))).toBe('same-origin');
  });
});

describe('a path', () => {
  it.each(['//recordings', '/recordings/', '//recordings/', '///recordings'])(
    '%s is /recordings',
    async (path) => {
      const gateway = await startGateway();
      const headers = basic(gateway.emulator);
      const response = await gateway.fetch(`${path}?type=findme&id=1234`, { headers });
      expect(response.status).toBe(200);
      expect(gateway.log.at(-1)).toMatchObject({ operation: 'listRecordings' });
    },
  );

  it.each(['/recordings/0907065723240097/audio/', '//recordings/0907065723240097/audio'])(
    '%s is audio',
    async (path) => {
      const gateway = await startGateway();
      const response = await gateway.fetch(path, { headers: basic(gateway.emulator) });
      await response.arrayBuffer();
      expect(response.status).toBe(200);
    },
  );

  it.each(['//', '/health/', '//health'])('%s is served', async (path) => {
    const response = await (await startGateway()).fetch(path);
    expect(response.status).toBe(200);
  });

  it('of staged audio is not shown, with any number of slashes', async () => {
    const gateway = await startGateway();
    const response = await gateway.fetch('//staged/secret-token.wav/');
    expect(await response.text()).not.toContain('secret-token');
  });

  it.each([
    '/assets/..%5cpanel.html',
    '/assets/..%5Cpanel.html',
    '/assets/%2e%2e%2fpanel.html',
    '/assets/..%2fpanel.html',
  ])('%s leads to no asset', async (path) => {
    const asked: string[] = [];
    const gateway = await startGateway({
      assets: async (request) => {
        asked.push(new URL(request.url).pathname);
        return new Response('page');
      },
    });
    expect((await gateway.fetch(path)).status).toBe(404);
    expect(asked).toEqual([]);
  });
});

it('a request with 1,500 unknown parameters gets 100 errors', async () => {
  const gateway = await startGateway();
  const names = Array.from({ length: 1500 }, (_, n) => `a${n}`).join('&');
  const response = await gateway.fetch(`/recordings?${names}`, { headers: basic(gateway.emulator) });
  const { errors } = (await response.json()) as { errors: unknown[] };
  expect([response.status, errors.length]).toEqual([400, 100]);
});
