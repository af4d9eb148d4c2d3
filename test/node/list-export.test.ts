/** An export over real sockets, on Node and on plain workerd: when it starts, its back-pressure, and how it fails. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { startProcess } from '../bench/processes.ts';
import { createGeneratedList } from '../emulator/generated-list.ts';
import { startWorkerd } from '../support/workerd.ts';

const count = 100_000;
const list = createGeneratedList(count, 0);
const total = list.length(new Set());
const head = '<response>\n<result>success</result>\n<result_description></result_description>\n<data>\n';

/** The legacy service's behaviour after this share of its list. */
interface Script {
  readonly at: number;
  readonly finish: (response: ServerResponse) => void;
}

let script: Script;
let sent = 0;
let closed = Promise.withResolvers<void>();

async function answer(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/xml' });
  response.write(head);
  for (const chunk of list.chunks(new Set())) {
    if (sent >= script.at * total) break;
    sent += chunk.length;
    if (!response.write(chunk)) await once(response, 'drain');
  }
  script.finish(response);
}

const legacy = createServer((_request, response) => {
  response.once('close', () => closed.resolve());
  // A writer that waits when the connection closes waits forever; the test is over by then.
  void answer(response);
}).listen(0, '127.0.0.1');
await once(legacy, 'listening');

const env = {
  LEGACY_API_URL: `http://127.0.0.1:${(legacy.address() as AddressInfo).port}/ibp_api.php`,
  LEGACY_IDLE_TIMEOUT_MS: '60000',
};
const gateways = {
  Node: await startProcess('../../src/node/main.ts', { env }),
  workerd: await startWorkerd({ vars: env }),
};

afterAll(async () => {
  for (const gateway of Object.values(gateways)) await gateway.close();
  legacy.closeAllConnections();
  legacy.close();
});

describe.each(Object.entries(gateways))('an export on %s', (_name, { url }) => {
  async function open(asked: Script) {
    script = asked;
    sent = 0;
    closed = Promise.withResolvers();
    const client = new AbortController();
    onTestFinished(() => client.abort());
    const response = await fetch(`${url}/recordings?type=powerdialer&id=1`, {
      headers: { Authorization: `Basic ${btoa('foofoofoo:foobarfoo')}`, Accept: 'application/x-ndjson' },
      signal: client.signal,
    });
    expect(response.status).toBe(200);
    return { client, response, reader: response.body?.getReader() };
  }

  test("is complete if the legacy service's is", async () => {
    const { reader } = await open({ at: 1, finish: (response) => response.end('</data>\n</response>\n') });
    const { text, error } = await drain(reader);
    expect(error).toBeNull();
    expect(text.trimEnd().split('\n')).toHaveLength(count);
  });

  test('sends its first line before the legacy service has sent a hundredth', async () => {
    const { reader } = await open({ at: 0.009, finish: () => {} });
    const { value } = (await reader?.read()) ?? {};
    expect(new TextDecoder().decode(value)).toMatch(/^\{"sid":"0900000000000000".*\}\n/);
    expect(sent / total).toBeLessThan(0.011);
  });

  test.each<[string, Script['finish']]>([
    ['resets the connection', (response) => (response.socket as Socket).resetAndDestroy()],
    ['closes the connection', (response) => response.destroy()],
    ['ends without an end tag', (response) => response.end()],
    ['ends with text that is not XML', (response) => response.end('<recording></data></response>')],
    [
      'contradicts itself at the end',
      (response) => response.end('</data><result>failed</result></response>'),
    ],
  ])('breaks off if the legacy service %s', async (_what, finish) => {
    const arrived = Promise.withResolvers<void>();
    const { reader } = await open({
      at: 0.6,
      finish: (response) => void arrived.promise.then(() => finish(response)),
    });
    const first = (await reader?.read())?.value ?? new Uint8Array();
    arrived.resolve();
    const { text, error } = await drain(reader);
    expect(error).toBeInstanceOf(Error);
    expect(first.length).toBeGreaterThan(0);
    const lines = (new TextDecoder().decode(first) + text).split('\n').slice(0, -1);
    for (const line of lines) JSON.parse(line);
  });

  test('pauses the legacy service while the client does not read', async () => {
    const { reader } = await open({ at: 1, finish: () => {} });
    await reader?.read();
    let before = -1;
    await expect
      .poll(
        () => {
          const isStill = sent === before;
          before = sent;
          return isStill;
        },
        { interval: 500, timeout: 10_000 },
      )
      .toBe(true);
    // The capacity of the kernel's buffers on both sides.
    expect(sent).toBeLessThan(0.9 * total);
  });

  test('closes the legacy connection when the client disconnects, whether the legacy service sends or stalls', async () => {
    for (const at of [1, 0.1]) {
      const { client, reader } = await open({ at, finish: () => {} });
      await reader?.read();
      client.abort();
      await closed.promise;
    }
  });
});

async function drain(reader: ReadableStreamDefaultReader<Uint8Array> | undefined) {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let step = await reader?.read(); step && !step.done; step = await reader?.read()) {
      text += decoder.decode(step.value, { stream: true });
    }
    return { text, error: null };
  } catch (error) {
    return { text, error };
  }
}
