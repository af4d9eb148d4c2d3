/** The nginx block of the operations page, unchanged, in front of two gateway processes. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createSound } from '../support/audio-cases.ts';
import { findFreePort } from '../support/free-port.ts';
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts';

const binary = '/usr/sbin/nginx';
const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
const block = /```nginx\n(upstream recordings_gateway \{[\s\S]*?)```/.exec(operations)?.[1] ?? '';

/** The block with each of the locations that the page offers for a gateway below a path. */
const [passedOn = '', stripped = ''] = Array.from(
  operations.matchAll(/```nginx\n( *location \/recordings-api\/[\s\S]*?)```/g),
  ([, location = '']) => block.replace(/ *location \/ \{\n *proxy_pass .*\n/, location),
);

const authorization = `Basic ${btoa('some-key:some-secret')}`;
const headers = { Authorization: authorization };
const sound = createSound(300_000);
const audio = '/recordings/0907065723240097/audio';

let respond: RequestListener;
const legacy = createServer((request, response) => respond(request, response));
const gateways: GatewayProcess[] = [];

function toEnv() {
  const { port } = legacy.address() as AddressInfo;
  return { LEGACY_API_URL: `http://127.0.0.1:${port}/ibp_api.php` };
}

/** The documented block with this test's ports, and plain HTTP instead of TLS. */
function toConfiguration(server: string, port: number, upstreams: readonly string[]): string {
  const members = upstreams.map((url) => `  server ${new URL(url).host} max_fails=0;`).join('\n');
  const site = server
    .replace(/(?: {2}server 127\.0\.0\.1:\d+ max_fails=0;\n)+/, `${members}\n`)
    .replace('listen 443 ssl;', `listen 127.0.0.1:${port};`)
    .replace(/^ *ssl_certificate.*\n/gm, '');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${name};`,
  );
  return `master_process off; daemon off; pid nginx.pid; user ${userInfo().username};
events { worker_connections 512; }
http { access_log off; error_log stderr crit; ${temporary.join(' ')}
${site}
}
`;
}

/** Starts nginx with the configuration for one test. Returns its origin. */
async function startNginx(upstreams: readonly string[], server = block): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'nginx-'));
  const port = await findFreePort();
  await writeFile(join(directory, 'nginx.conf'), toConfiguration(server, port, upstreams));
  const args = ['-p', directory, '-c', join(directory, 'nginx.conf'), '-e', 'stderr'];
  execFileSync(binary, ['-t', '-q', ...args]);
  const child = spawn(binary, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(directory, { recursive: true });
  });
  const connects = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket.end() !== undefined));
      socket.on('error', () => resolve(false));
    });
  await expect.poll(connects).toBe(true);
  return `http://127.0.0.1:${port}`;
}

/** Whether a client's body ended complete or broken. */
async function readTo(
  url: string,
  init: RequestInit = {},
  onBytes = () => {},
): Promise<{ status: number; end: string; size: number }> {
  const response = await fetch(url, { headers, ...init });
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      onBytes();
    }
    return { status: response.status, end: 'whole', size };
  } catch {
    return { status: response.status, end: 'broken', size };
  }
}

function list(recordings: number): string {
  const record = (sid: number) =>
    `<recording><sid>${sid}</sid><dnis>8475551234</dnis><number_connected>3125551265</number_connected><minutes>5.3</minutes><date>2019-02-20 20:42:11</date></recording>`;
  return Array.from({ length: recordings }, (_, index) => record(10_000_000 + index)).join('');
}
const envelope = '<response><result>success</result><result_description></result_description><data>';

describe.skipIf(!existsSync(binary))('behind nginx', () => {
  beforeAll(async () => {
    legacy.listen(0, '127.0.0.1');
    await once(legacy, 'listening');
    const env = {
      ...toEnv(),
      CLIENT_ADDRESS_HEADER: 'X-Forwarded-For',
      REQUEST_ID_HEADER: 'X-Request-Id',
    };
    gateways.push(await startProcess(env), await startProcess(env));
  }, 60_000);

  afterAll(async () => {
    for (const gateway of gateways) await gateway.stop('SIGKILL');
    legacy.closeAllConnections();
    legacy.close();
  });

  beforeEach(() => {
    respond = (_request, response) => response.setHeader('Content-Length', sound.length).end(sound);
  });

  test('audio arrives complete, and under the request ID of nginx', async () => {
    const origin = await startNginx(gateways.map(({ url }) => url));
    expect(await readTo(`${origin}${audio}`)).toEqual({ status: 200, end: 'whole', size: sound.length });
    const response = await fetch(`${origin}/health`);
    expect(response.headers.get('X-Request-Id')).toMatch(/^[0-9a-f]{32}$/);
  });

  test.each(['export', 'audio'] as const)('a broken %s is an error at the client', async (kind) => {
    const origin = await startNginx(gateways.map(({ url }) => url));
    const arrived = Promise.withResolvers<void>();
    respond = (_request, response) => {
      const whole = kind === 'audio' ? sound : Buffer.from(`${envelope}${list(5000)}`);
      if (kind === 'export') response.setHeader('Content-Type', 'text/xml');
      response.write(whole.subarray(0, whole.length / 2));
      void arrived.promise.then(() => response.destroy());
    };
    const path = kind === 'audio' ? audio : '/recordings?type=findme&id=1';
    const accept = kind === 'audio' ? {} : { Accept: 'application/x-ndjson' };
    const seen = await readTo(`${origin}${path}`, { headers: { ...headers, ...accept } }, arrived.resolve);
    expect(seen).toMatchObject({ status: 200, end: 'broken' });
    expect(seen.size).toBeGreaterThan(0);
  });

  test('nginx uses HTTP/1.1 upstream, since in 1.0 a response without a length ends with the connection', async () => {
    const versions: string[] = [];
    const upstream = createServer((request, response) => {
      versions.push(`${request.httpVersion} ${request.headers.connection ?? 'kept'}`);
      response.end();
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void upstream.close());
    await once(upstream, 'listening');
    const { port } = upstream.address() as AddressInfo;
    const origin = await startNginx([`http://127.0.0.1:${port}`]);
    await fetch(`${origin}/health`);
    expect(versions).toEqual(['1.1 kept']);
  });

  test('ten restarts of two processes under load fail no request and interrupt no download', {
    timeout: 120_000,
  }, async () => {
    const ports = [await findFreePort(), await findFreePort()];
    const startOn = (port = 0) => startProcess({ ...toEnv(), PORT: String(port), STOP_GRACE_MS: '200' });
    const running = await Promise.all(ports.map(startOn));
    onTestFinished(async () => {
      for (const gateway of running) await gateway.stop('SIGKILL');
    });
    const origin = await startNginx(running.map(({ url }) => url));
    respond = async (_request, response) => {
      response.setHeader('Content-Length', sound.length);
      response.write(sound.subarray(0, 200_000));
      await sleep(300);
      response.end(sound.subarray(200_000));
    };
    const ends: string[] = [];
    let isOver = false;
    const clients = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        const { status, end, size } = await readTo(`${origin}${audio}`).catch((error) => ({
          status: 0,
          end: String(error),
          size: 0,
        }));
        ends.push(`${status} ${end} ${size}`);
      }
    });
    for (let restart = 0; restart < 10; restart += 1) {
      const index = restart % 2;
      expect(await running[index]?.stop('SIGTERM')).toBe(0);
      running[index] = await startOn(ports[index]);
    }
    isOver = true;
    await Promise.all(clients);
    expect(ends.length).toBeGreaterThan(50);
    expect([...new Set(ends)]).toEqual([`200 whole ${sound.length}`]);
  });

  test.each([
    ['passed on', passedOn],
    ['stripped', stripped],
  ])('a path is %s, and what the gateway links to is there', async (_, server) => {
    const publicUrl = 'https://example.com/recordings-api';
    const env = { ...toEnv(), PUBLIC_URL: publicUrl, TOKEN_KEYS: btoa('a key for tests, 32 bytes long..') };
    const gateway = await startProcess(env);
    onTestFinished(async () => void (await gateway.stop('SIGKILL')));
    const origin = await startNginx([gateway.url], server);
    const browser = { headers: { Accept: 'text/html' }, redirect: 'manual' } as const;
    const index = await fetch(`${origin}/recordings-api/`, browser);
    expect([index.status, index.headers.get('Location')]).toEqual([303, '/recordings-api/panel']);
    const link = await fetch(`${origin}/recordings-api${audio}-links`, { method: 'POST', headers });
    const { url } = await link.json();
    expect(url.slice(0, publicUrl.length)).toBe(publicUrl);
    expect(await readTo(url.replace('https://example.com', origin), { headers: {} })).toMatchObject({
      status: 200,
      end: 'whole',
    });
    const slash = await fetch(`${origin}/recordings-api/panel/`, { redirect: 'manual' });
    const panel = new URL(slash.headers.get('Location') ?? '', slash.url);
    expect([slash.status, panel.pathname]).toEqual([308, '/recordings-api/panel']);
    const html = await (await fetch(panel)).text();
    const assets = Array.from(html.matchAll(/(?:href|src)="([^"]+)"/g), ([, asset = '']) => asset);
    expect(assets.length).toBeGreaterThan(3);
    for (const asset of assets)
      expect([asset, (await fetch(new URL(asset, panel))).status]).toEqual([asset, 200]);
  });

  test('a body above the limit is rejected by the gateway, with a problem', async () => {
    const origin = await startNginx(gateways.map(({ url }) => url));
    const response = await fetch(`${origin}/uploads`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: 'x'.repeat(2_000_000),
    });
    expect([response.status, response.headers.get('Content-Type')]).toEqual([
      413,
      'application/problem+json',
    ]);
  });
});
