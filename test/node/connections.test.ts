/**
 * Consecutive calls share a connection to the legacy service: none is left half read, or held after its body was
 * read.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startProcess } from '../support/gateway-process.ts';
import { startWorkerd } from '../support/workerd.ts';

const list = `<response><result>success</result><data>${'<recording><sid>1</sid></recording>'.repeat(100)}</data></response>`;
const done = '<response><result>success</result></response>';
const missing =
  '<response><result>failed</result><result_description>File not found</result_description></response>';

/** Serves the documented response of each action, chosen by the action in its query. */
async function serveLegacy() {
  let connections = 0;
  const answers = new Map([
    ['recording.list', { status: 200, body: list }],
    ['recording.remove', { status: 200, body: done }],
    ['recording.upload', { status: 200, body: done }],
    ['recording.download', { status: 404, body: missing }],
  ]);
  const server = createServer((request, response) => {
    const action = new URL(request.url ?? '', 'http://legacy.example').searchParams.get('action') ?? '';
    const { status, body } = answers.get(action) ?? { status: 500, body: '' };
    response.writeHead(status, { 'Content-Length': Buffer.byteLength(body) }).end(body);
  });
  server.keepAliveTimeout = 60_000;
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/ibp_api.php`, connections: () => connections };
}

const runtimes = {
  async Node(url: string) {
    const { stop, ...gateway } = await startProcess({ LEGACY_API_URL: url, LEGACY_METHOD: 'GET' });
    return { ...gateway, close: () => stop('SIGKILL') };
  },
  workerd: (url: string) => startWorkerd({ vars: { LEGACY_API_URL: url, LEGACY_METHOD: 'GET' } }),
};

test.each(['Node', 'workerd'] as const)('on %s', async (runtime) => {
  const legacy = await serveLegacy();
  const gateway = await runtimes[runtime](legacy.url);
  onTestFinished(async () => {
    await gateway.close();
  });
  const headers = { Authorization: `Basic ${btoa('access:secret')}`, 'Content-Type': 'application/json' };
  const upload = JSON.stringify({ type: 'findme', id: 1, path: '/a.wav' });
  const requests: [path: string, init: RequestInit, status: number][] = [
    ['/recordings?type=findme&id=1', {}, 200],
    ['/recordings/1', { method: 'DELETE' }, 204],
    ['/uploads', { method: 'POST', body: upload }, 201],
    ['/recordings/1/audio', {}, 404],
  ];
  for (let round = 0; round < 5; round += 1) {
    for (const [path, init, status] of requests) {
      const response = await fetch(gateway.url + path, { ...init, headers });
      await response.arrayBuffer();
      expect(response.status, path).toBe(status);
    }
  }
  // On Node, downloads have connections of their own, which read little at a time.
  expect(legacy.connections()).toBe(runtime === 'Node' ? 2 : 1);
});
