/** A legacy service for walks: it counts the lists that it sends, and can take its time before each. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createListDocument } from './list-document.ts';

export interface WalkLegacy {
  readonly url: string;
  /** How many lists it has sent. */
  lists(): number;
  /** For each list from now on, before its first byte. */
  setPauseMs(pauseMs: number): void;
  close(): void;
}

/** The response to `id` is a list of this many recordings. */
export async function startWalkLegacy(counts: readonly number[]): Promise<WalkLegacy> {
  const documents = new Map(counts.map((count) => [String(count), createListDocument(count)]));
  let lists = 0;
  let pauseMs = 0;
  const server = createServer(async (request, response) => {
    const id = /[?&]id=(\d+)/.exec(request.url ?? '')?.[1] ?? '';
    const document = documents.get(id);
    if (document) lists += 1;
    if (pauseMs > 0) await sleep(pauseMs);
    response.writeHead(document ? 200 : 404, {
      'content-type': 'text/xml',
      'content-length': document?.length ?? 0,
    });
    response.end(document);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lists: () => lists,
    setPauseMs(next) {
      pauseMs = next;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
