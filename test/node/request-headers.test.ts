/** Headers on Node's own sockets: two Host lines are a 400, and each challenge has a line of its own. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createNodeServer } from '../../src/node/server.ts';

async function send(lines: readonly string[]): Promise<string> {
  const server = createNodeServer({
    fetch: () =>
      new Response('{}', {
        status: 401,
        headers: [
          ['WWW-Authenticate', 'Basic realm="recordings", charset="UTF-8"'],
          [
            'WWW-Authenticate',
            'Bearer realm="recordings", error="invalid_token", error_description="No, not this."',
          ],
        ],
      }),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.end([...lines, 'Connection: close', '', ''].join('\r\n'));
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

it.each([
  ['two of one name', ['Host: a.example', 'Host: a.example']],
  ['two names', ['Host: a.example', 'HOST: evil.example']],
])('%s in Host lines are a 400', async (_, hosts) => {
  expect(await send(['GET / HTTP/1.1', ...hosts])).toMatch(/^HTTP\/1\.1 400 /);
});

it('each challenge has a line of its own, Basic first', async () => {
  const lines = (await send(['GET / HTTP/1.1', 'Host: a.example'])).split('\r\n');
  expect(lines[0]).toBe('HTTP/1.1 401 Unauthorized');
  expect(
    lines.filter((line) => /^www-authenticate:/i.test(line)).map((line) => line.replace(/^[^:]+: /, '')),
  ).toEqual([
    'Basic realm="recordings", charset="UTF-8"',
    'Bearer realm="recordings", error="invalid_token", error_description="No, not this."',
  ]);
});
