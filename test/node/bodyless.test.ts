/** A POST as HTTP/1.1 allows it: without Content-Length and Transfer-Encoding, and so without a body. */
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startGateway } from '../support/harness.ts';
import { tokenEnv } from '../support/token-client.ts';

const chunked = 'Transfer-Encoding: chunked\r\n';

test.each([
  ['/recordings/1/audio-links', '', '', 201],
  ['/recordings/1/audio-links', chunked, '0\r\n\r\n', 201],
  ['/recordings/1/audio-links', chunked, '2\r\n{}\r\n0\r\n\r\n', 415],
  ['/oauth/token', '', '', 400],
  ['/oauth/token', chunked, '0\r\n\r\n', 400],
  ['/uploads', '', '', 400],
])('to %s, %j%j, is a %i', async (path, header, body, status) => {
  const gateway = await startGateway({ env: tokenEnv });
  const response = await gateway.fetch('/health');
  const { port } = new URL(response.url);
  const socket = connect(Number(port), '127.0.0.1');
  const credentials = `Authorization: Basic ${btoa('foofoofoo:foobarfoo')}\r\n`;
  socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${credentials}${header}\r\n${body}`);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});
