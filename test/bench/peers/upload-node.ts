/** The minimum for an upload: `http`, and undici's `request` with the body as it arrives. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';

const pool = new Pool(process.env.S3_ENDPOINT ?? '');

const server = createServer((request, response) => {
  const length = request.headers['content-length'];
  pool
    .request({
      path: '/recordings/upload',
      method: 'PUT',
      headers: length === undefined ? {} : { 'content-length': length },
      body: request,
    })
    .then(async ({ body }) => {
      await body.dump();
      response.writeHead(201).end();
    })
    .catch(() => response.destroy());
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
