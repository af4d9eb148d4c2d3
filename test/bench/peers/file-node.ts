/** The minimum for a stored file: `http`, and a range read by `fs`. */
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

const path = process.env.FILE ?? '';

const server = createServer((request, response) => {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const [start, end] = [Number(first), Number(last)];
  response.writeHead(206, { 'content-type': 'audio/wav', 'content-length': end - start + 1 });
  pipeline(createReadStream(path, { start, end }), response, () => {});
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
