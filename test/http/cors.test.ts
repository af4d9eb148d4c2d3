/** CORS: which origins are allowed, and what their pages may send and read. */
import { describe, expect, it } from 'vitest';
import { parseOrigins } from '../../src/http/origins.ts';
import { basic, startGateway } from '../support/harness.ts';

const app = 'https://app.example.com';
const env = { CORS_ORIGINS: `${app}, https://admin.example.com` };
const list = '/recordings?type=findme&id=1234';
const split = (text: string | null) => (text ?? '').split(/, */);

const preflight = (origin: string, headers: Record<string, string> = {}) => ({
  method: 'OPTIONS',
  headers: { Origin: origin, 'Access-Control-Request-Method': 'GET', ...headers },
});

describe('a preflight', () => {
  it("lets a listed origin send the API's headers, and is cached", async () => {
    const gateway = await startGateway({ env });
    const response = await gateway.fetch(list, preflight(app, { 'Access-Control-Request-Headers': 'range' }));
    expect(response.status).toBe(204);
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe(app);
    expect(split(response.headers.get('Access-Control-Allow-Methods'))).toEqual([
      'GET',
      'HEAD',
      'POST',
      'DELETE',
    ]);
    expect(split(response.headers.get('Access-Control-Allow-Headers'))).toEqual(
      expect.arrayContaining([
        'Authorization',
        'Content-Type',
        'Range',
        'If-Range',
        'Prefer',
        'Idempotency-Key',
        ...['If-Match', 'If-None-Match', 'If-Modified-Since', 'If-Unmodified-Since', 'Traceparent'],
      ]),
    );
    expect(Number(response.headers.get('Access-Control-Max-Age'))).toBeGreaterThan(60);
    expect(split(response.headers.get('Vary'))).toContain('Origin');
    expect(response.headers.get('Access-Control-Allow-Credentials')).toBeNull();
    expect(gateway.emulator.calls).toHaveLength(0);
  });

  it.each(['https://evil.example', `${app}.evil.example`, 'http://app.example.com', `${app}:8443`, 'null'])(
    'of %s is rejected',
    async (origin) => {
      const gateway = await startGateway({ env });
      const { headers } = await gateway.fetch(list, preflight(origin));
      const names = [...headers.keys()].filter((name) => name.startsWith('access-control-'));
      expect([names, split(headers.get('Vary')).includes('Origin')]).toEqual([[], true]);
    },
  );

  it('without its header is an unsupported method', async () => {
    const gateway = await startGateway({ env });
    const response = await gateway.fetch(list, { method: 'OPTIONS', headers: { Origin: app } });
    expect(response.status).toBe(405);
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe(app);
  });
});

describe('a response', () => {
  const answers = {
    200: { path: list, withKeys: true },
    400: { path: '/recordings', withKeys: true },
    401: { path: list, withKeys: false },
    404: { path: '/nothing', withKeys: false },
    405: { path: '/oauth/token', withKeys: false },
    414: { path: `/health?${'x'.repeat(9000)}`, withKeys: false },
  };

  it.each(Object.entries(answers))(
    '%s can be read by a listed origin',
    async (status, { path, withKeys }) => {
      const gateway = await startGateway({ env });
      const headers = { Origin: app, ...(withKeys && basic(gateway.emulator)) };
      const response = await gateway.fetch(path, { headers });
      await response.arrayBuffer();
      expect(response.status).toBe(Number(status));
      expect(response.headers.get('Access-Control-Allow-Origin')).toBe(app);
      expect(split(response.headers.get('Vary'))).toContain('Origin');
      expect(split(response.headers.get('Access-Control-Expose-Headers'))).toEqual(
        expect.arrayContaining([
          ...['Content-Range', 'Accept-Ranges', 'Content-Disposition', 'ETag', 'Link', 'Location'],
          ...['Retry-After', 'Preference-Applied', 'X-Request-Id'],
        ]),
      );
    },
  );

  it('with its own Vary keeps it, and audio is still complete', async () => {
    const gateway = await startGateway({ env });
    const headers = { Origin: app, ...basic(gateway.emulator) };
    const response = await gateway.fetch('/recordings/0907065723240097/audio', { headers });
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(1000);
    expect(split(response.headers.get('Vary'))).toEqual(expect.arrayContaining(['Accept', 'Origin']));
  });

  it('to another origin names no origins, but varies by them', async () => {
    const gateway = await startGateway({ env });
    const { headers } = await gateway.fetch('/health', { headers: { Origin: 'https://evil.example' } });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(split(headers.get('Vary'))).toContain('Origin');
  });

  it('is readable by every origin with *, and never with cookies', async () => {
    const gateway = await startGateway({ env: { CORS_ORIGINS: '*' } });
    const { headers } = await gateway.fetch('/health', { headers: { Origin: 'https://any.example' } });
    expect(headers.get('Access-Control-Allow-Origin')).toBe('*');
    expect(headers.get('Access-Control-Allow-Credentials')).toBeNull();
    expect(headers.get('Vary') ?? '').not.toContain('Origin');
  });

  it('has no CORS headers without configured origins', async () => {
    const gateway = await startGateway();
    const answer = await gateway.fetch('/health', { headers: { Origin: app } });
    const asked = await gateway.fetch('/health', preflight(app));
    expect([answer.headers.get('Access-Control-Allow-Origin'), asked.status]).toEqual([null, 405]);
  });
});

describe('CORS_ORIGINS', () => {
  it.each([
    ['*', '*'],
    [app, [app]],
    ['http://localhost:3000 ,https://a.example', ['http://localhost:3000', 'https://a.example']],
  ])('%s is read', (text, expected) => expect(parseOrigins(text)).toEqual(expected));

  it.each([
    [`${app}/`, 'number 1 of 1'],
    [`${app},*`, 'number 2 of 2'],
    [`${app},https://a.example/path`, 'number 2 of 2'],
    ['app.example.com', 'number 1 of 1'],
    ['HTTPS://app.example.com', 'number 1 of 1'],
    ['https://app.example.com:443', 'number 1 of 1'],
    ['null', 'number 1 of 1'],
  ])('%s is rejected by position', (text, place) => expect(() => parseOrigins(text)).toThrow(place));
});
