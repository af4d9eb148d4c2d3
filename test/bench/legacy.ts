/** A legacy service with almost no cost: the response to `id` is a prepared list of this many recordings. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createListDocument } from './list-document.ts';

const documents = new Map([2, 100, 1000, 10_000].map((count) => [String(count), createListDocument(count)]));

const server = createServer((request, response) => {
  const id = /[?&]id=(\d+)/.exec(request.url ?? '')?.[1] ?? '';
  const document = documents.get(id);
  response.writeHead(document ? 200 : 404, {
    'content-type': 'text/xml',
    'content-length': document?.length ?? 0,
  });
  response.end(document);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
