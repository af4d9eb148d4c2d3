/** Node, plain workerd, and plain workerd with a store, as processes in front of one scripted legacy service. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from 'vitest';
import { startProcess } from './gateway-process.ts';
import { type R2Server, serveR2 } from './r2-server.ts';
import { startWorkerd } from './workerd.ts';

export const threeGateways = ['Node', 'plain workerd', 'plain workerd with a store'] as const;

export type GatewayName = (typeof threeGateways)[number];

export interface ThreeGateways {
  /** An origin. */
  urlOf(name: GatewayName): string;
  /** The store of the third. */
  store(): R2Server;
}

/** For the tests of one file: starts before the first, and ends after the last. */
export function useThreeGateways(legacy: RequestListener): ThreeGateways {
  const server = createServer(legacy);
  const gateways: { name: GatewayName; url: string; close(): Promise<void> }[] = [];
  let r2: R2Server | null = null;

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    r2 = await serveR2();
    const { port } = server.address() as AddressInfo;
    // The parameters of a call are in its URL.
    const vars = { LEGACY_API_URL: `http://127.0.0.1:${port}/ibp_api.php`, LEGACY_METHOD: 'GET' };
    const { url, stop } = await startProcess(vars);
    gateways.push({ name: 'Node', url, close: async () => void (await stop('SIGKILL')) });
    gateways.push({ name: 'plain workerd', ...(await startWorkerd({ vars })) });
    const withStore = await startWorkerd({ vars, store: r2.address });
    gateways.push({ name: 'plain workerd with a store', ...withStore });
  }, 120_000);

  afterAll(async () => {
    for (const gateway of gateways) await gateway.close();
    server.closeAllConnections();
    server.close();
    await r2?.close();
  });

  return {
    urlOf: (name) => gateways.find((gateway) => gateway.name === name)?.url ?? '',
    store() {
      if (!r2) throw new Error('the store has not started');
      return r2;
    },
  };
}
