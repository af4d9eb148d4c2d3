/** A legacy service with audio of one length and almost no cost; it ignores ranges, as the real one may, and accepts uploads. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createListDocument } from './list-document.ts';

const length = Number(process.env.AUDIO_BYTES);
const block = Buffer.alloc(1024 * 1024, 'not one byte of this is looked at ');
const head = Buffer.from('RIFF\0\0\0\0WAVE');

const list = createListDocument(2);
const accepted = '<response><result>success</result><result_description></result_description></response>';

const server = createServer((request, response) => {
  // By LEGACY_METHOD=GET only: a body would have to be read first.
  if (request.url?.includes('action=recording.list')) {
    response.writeHead(200, { 'content-type': 'text/xml', 'content-length': list.length }).end(list);
    return;
  }
  if (request.url?.includes('action=recording.upload')) {
    response.writeHead(200, { 'content-type': 'text/xml' }).end(accepted);
    return;
  }
  response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': length });
  response.write(head);
  let left = length - head.length;
  const send = () => {
    while (left > 0 && !response.destroyed) {
      const chunk = left < block.length ? block.subarray(0, left) : block;
      left -= chunk.length;
      if (!response.write(chunk)) return void response.once('drain', send);
    }
    response.end();
  };
  send();
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
