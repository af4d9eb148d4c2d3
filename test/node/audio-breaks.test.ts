/** Audio that breaks off at the legacy service, seen from a socket: it never looks complete, and is never stored. */
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { createSound, isSame } from '../support/audio-cases.ts';
import { untilStill } from '../support/stillness.ts';
import { type GatewayName, threeGateways as names, useThreeGateways } from '../support/three-gateways.ts';

const sound = createSound(300_000);
const path = '/recordings/0907065723240097/audio';
const headers = { Authorization: `Basic ${btoa('some-key:some-secret')}` };

let answer: RequestListener;
const { urlOf, store } = useThreeGateways((request, response) => answer(request, response));

beforeEach(() => {
  answer = (_request, response) => response.setHeader('Content-Length', sound.length).end(sound);
});

const ask = (gateway: GatewayName, init: RequestInit = {}) =>
  fetch(urlOf(gateway) + path, { headers, ...init });

const breaks = names.flatMap((gateway) =>
  [0, 1, 50, 99].flatMap((percent) => [true, false].map((declared) => ({ gateway, percent, declared }))),
);

describe('a legacy service that crashes', () => {
  test.each(breaks)(
    'at $percent percent, declared: $declared, is noticed through $gateway',
    async ({ gateway, percent, declared }) => {
      answer = (_request, response) => {
        if (declared) response.setHeader('Content-Length', sound.length);
        response.flushHeaders();
        response.write(sound.subarray(0, (sound.length * percent) / 100));
        setTimeout(() => response.destroy(), 30);
      };
      const arrives = ask(gateway).then(async (response) => {
        await response.arrayBuffer();
        return response.ok;
      });
      expect(await arrives.catch(() => false)).toBe(false);
      await sleep(50);
      expect([...store().objects.keys()].filter((key) => key.startsWith('audio/'))).toEqual([]);
      await expect.poll(() => store().openUploads()).toBe(0);
    },
  );
});

describe('a client that disconnects', () => {
  test.each(names.flatMap((gateway) => [true, false].map((declared) => ({ gateway, declared }))))(
    'midway closes the legacy connection and stores nothing, declared: $declared, through $gateway',
    async ({ gateway, declared }) => {
      const closed = Promise.withResolvers<void>();
      answer = (request, response) => {
        request.socket.on('close', () => closed.resolve());
        if (declared) response.setHeader('Content-Length', 1_000_000_000);
        const send = () => {
          while (response.write(sound));
          response.once('drain', send);
        };
        send();
      };
      const client = new AbortController();
      const response = await ask(gateway, { signal: client.signal });
      await response.body?.getReader().read();
      client.abort();
      await closed.promise;
      await sleep(50);
      expect([...store().objects.keys()].filter((key) => key.startsWith('audio/'))).toEqual([]);
      await expect.poll(() => store().openUploads()).toBe(0);
    },
  );
});

test('a client that disconnects while it waits for audio ends the polling, through every gateway', async () => {
  const calls = names.map(() => 0);
  answer = ({ url = '' }, response) => {
    const index = Number(new URL(url, 'http://legacy').searchParams.get('sid'));
    calls[index] = (calls[index] ?? 0) + 1;
    const description = 'The requested recording is currently being processed by the system.';
    const result = `<result>failed</result><result_description>${description}</result_description>`;
    response.writeHead(202).end(`<response>${result}</response>`);
  };
  const sockets = names.map((gateway, index) => {
    const socket = connect(Number(new URL(urlOf(gateway)).port), '127.0.0.1');
    const head = [
      `GET /recordings/${index}/audio HTTP/1.1`,
      'Host: gateway',
      'Prefer: wait=60',
      `Authorization: ${headers.Authorization}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    return socket;
  });
  await expect.poll(() => Math.min(...calls)).toBeGreaterThan(1);
  const before = [...calls];
  // Servers need not take an end of sending for a disconnect.
  for (const socket of sockets) socket.resetAndDestroy();
  await sleep(6000);
  // It would be three or four more each; one may have been in flight.
  for (const [index, count] of before.entries()) expect((calls[index] ?? 0) - count).toBeLessThan(2);
}, 20_000);

describe('a client that stops reading', () => {
  test.each(names)('pauses the legacy service, through %s', async (gateway) => {
    let sent = 0;
    answer = (_request, response) => {
      response.setHeader('Content-Length', 1_000_000_000);
      const send = () => {
        do sent += sound.length;
        while (response.write(sound));
        response.once('drain', send);
      };
      send();
    };
    const { port } = new URL(urlOf(gateway));
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: ${headers.Authorization}\r\n\r\n`);
    const still = await untilStill(() => sent);
    socket.destroy();
    // The capacity of the kernel's buffers in both directions.
    expect(still).toBeLessThan(48_000_000);
  });
});

describe('a store on a socket', () => {
  test.each([true, false])(
    'stores streamed audio, and serves only its end, declared: %s',
    async (declared) => {
      const gateway = 'plain workerd with a store';
      store().clear();
      let calls = 0;
      answer = (_request, response) => {
        calls += 1;
        if (declared) response.setHeader('Content-Length', sound.length);
        response.end(sound);
      };
      expect(isSame(new Uint8Array(await (await ask(gateway)).arrayBuffer()), sound)).toBe(true);
      await expect.poll(() => [...store().objects.keys()]).toHaveLength(1);
      const sent = store().bytesSent();
      const part = await ask(gateway, { headers: { ...headers, Range: 'bytes=-3000' } });
      expect(part.status).toBe(206);
      expect(isSame(new Uint8Array(await part.arrayBuffer()), sound.slice(-3000))).toBe(true);
      expect([calls, store().bytesSent() - sent]).toEqual([1, 3000]);
      store().clear();
    },
  );

  test('that fails during a write costs the client nothing', async () => {
    const gateway = 'plain workerd with a store';
    store().breakAt('put', 100_000);
    const response = await ask(gateway);
    expect(isSame(new Uint8Array(await response.arrayBuffer()), sound)).toBe(true);
    store().heal();
    expect([...store().objects.keys()]).toEqual([]);
  });
});
