/** The minimum for Node: `http`, and undici's `stream` from socket to socket. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';

const { origin, pathname } = new URL(process.env.LEGACY_API_URL ?? '');
const pool = new Pool(origin);

const server = createServer((_request, response) => {
  const call = { path: pathname, method: 'GET', opaque: response } as const;
  pool
    .stream<ServerResponse>(call, ({ statusCode, headers, opaque }) => opaque.writeHead(statusCode, headers))
    .catch(() => response.destroy());
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
