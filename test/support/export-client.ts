/** A client of exports: creates them, waits for their end, and reads their results. */
import { expect } from 'vitest';
import { createEmulator, type Emulator } from '../emulator/emulator.ts';
import { basic, type GatewayOptions, startGateway, type TestGateway } from './harness.ts';
import { tokenEnv } from './token-client.ts';

interface ExportBody {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly prefix: string;
  readonly progress: Readonly<
    Record<'listed' | 'copied' | 'skipped' | 'waiting' | 'failed' | 'bytes', number>
  >;
  readonly failures: readonly { readonly sid: string; readonly problem: string }[];
  readonly deletion: { readonly status: string; readonly deleted: number; readonly failed: number } | null;
}

interface Row {
  readonly sid: string;
  readonly outcome: string;
  readonly problem: string | null;
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface ExportClient extends TestGateway {
  ask(path: string, init?: RequestInit): Promise<Response>;
  create(body: object, headers?: Record<string, string>): Promise<ExportBody>;
  act(id: string, action: string): Promise<Response>;
  get(id: string): Promise<ExportBody>;
  /** Resolves with the export once it has one of the statuses. */
  until(id: string, ...statuses: string[]): Promise<ExportBody>;
  rows(id: string): Promise<Row[]>;
}

export interface ExportGatewayOptions extends Pick<GatewayOptions, 'env' | 'withStore' | 'withExports'> {
  readonly emulator?: Emulator;
  /** Instead of the emulator's response; undefined for the emulator's own. */
  readonly answer?: (parameters: URLSearchParams) => Response | undefined;
}

export const source = { type: 'findme', id: 77 } as const;
export const finalStatuses = ['completed', 'completed_with_failures', 'failed', 'canceled'];

export async function startExports(options: ExportGatewayOptions = {}): Promise<ExportClient> {
  const { emulator = createEmulator(), answer, withStore = true, withExports = true } = options;
  const gateway = await startGateway({
    withStore,
    withExports,
    // The parameters are read from the URL.
    env: {
      ...tokenEnv,
      LEGACY_METHOD: 'GET',
      EXPORT_RETRY_SECONDS: '1',
      LEGACY_CIRCUIT_OPEN_MS: '100',
      ...options.env,
    },
    legacy: (request) => answer?.(new URL(request.url).searchParams) ?? emulator.fetch(request),
  });
  const headers = basic(emulator);
  const ask = (path: string, init: RequestInit = {}) =>
    gateway.fetch(path, { ...init, headers: { ...headers, ...(init.headers as Record<string, string>) } });

  const client: ExportClient = {
    ...gateway,
    emulator,
    ask,
    async create(body, more = {}) {
      const response = await ask('/exports', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...more },
        body: JSON.stringify({ calls_per_minute: 60_000, ...body }),
      });
      const created = (await response.json()) as ExportBody;
      expect([response.status, created.id]).toEqual([202, expect.any(String)]);
      expect(response.headers.get('Location')).toBe(`/exports/${created.id}`);
      return created;
    },
    act: (id, action) => ask(`/exports/${id}/${action}`, { method: 'POST' }),
    get: async (id) => (await (await ask(`/exports/${id}`)).json()) as ExportBody,
    async until(id, ...statuses) {
      for (let attempt = 0; attempt < 250; attempt += 1) {
        const found = await client.get(id);
        if (statuses.includes(found.status)) return found;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`the export has none of ${statuses}: ${JSON.stringify(await client.get(id))}`);
    },
    async rows(id) {
      const text = await (await ask(`/exports/${id}/manifest`)).text();
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    },
  };
  return client;
}

/** Adds recordings of one second to a list of the page's account. */
export function addRecordings(
  { emulator }: { readonly emulator: Emulator },
  count: number,
  list = source,
): string[] {
  const sids = Array.from({ length: count }, (_, index) => `0911${String(index).padStart(12, '0')}`);
  for (const sid of sids) emulator.account('page').add(list.type, String(list.id), { sid, seconds: 1 });
  return sids;
}
