/** The TypeScript package in Chromium, on the system's Node, on the pinned Node and in workerd, against a real gateway. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createEmulator } from '../../emulator/emulator.ts';
import { type EmulatorServer, serveEmulator } from '../../emulator/server.ts';
import { executablePath, launchBrowser } from '../../support/browser.ts';
import { findFreePort } from '../../support/free-port.ts';
import { type GatewayProcess, startProcess } from '../../support/gateway-process.ts';
import { startWorkerd } from '../../support/workerd.ts';
import { outside } from '../outside.ts';
import type { Report, Setting } from './checks.ts';

const root = new URL('../../..', import.meta.url).pathname;
const run = promisify(execFile);
const emulator = createEmulator();
let legacy: EmulatorServer;
let gateway: GatewayProcess;
let folder: string;
let setting: Setting;

async function bundle(contents: string, format: 'esm' | 'iife'): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
    format,
    target: 'es2022',
  });
  return outputFiles[0]?.text ?? '';
}

/** Names the failed checks, and fails if none ran. */
function expectAllWell(report: Report): void {
  expect(Object.keys(report).length).toBeGreaterThan(20);
  expect(Object.entries(report).filter(([, why]) => why !== null)).toEqual([]);
}

async function runOnNode(node: string): Promise<{ report: Report; version: string }> {
  const script = join(folder, 'checks.mjs');
  const main = `import { runChecks } from './checks.ts';
    const report = await runChecks(JSON.parse(process.env.SETTING));
    console.log(JSON.stringify({ report, version: process.version }));
    process.exit(0);`;
  await writeFile(script, await bundle(main, 'esm'));
  const env = { ...outside, SETTING: JSON.stringify(setting) };
  const { stdout } = await run(node, [script], { env, cwd: folder });
  return JSON.parse(stdout);
}

describe('@recordings-gateway/client', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'package-'));
    legacy = await serveEmulator(emulator);
    const port = await findFreePort();
    gateway = await startProcess({
      PORT: String(port),
      // The legacy service fetches uploads from it.
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      LEGACY_API_URL: legacy.url,
      STORE: `file:${join(folder, 'store')}`,
      TOKEN_KEYS: btoa('a key for tests, 32 bytes long..'),
    });
    const action = 'recording.download';
    const query = { access_key: 'foofoofoo', secret_access_key: 'foobarfoo', action, format: 'wav' };
    const params = new URLSearchParams({ ...query, sid: '0907065723240097', sample_rate: '8000' });
    const wav = Buffer.from(await (await fetch(`${legacy.url}?${params}`)).arrayBuffer());
    setting = { baseUrl: gateway.url, wav: wav.toString('base64') };
  });

  beforeEach(() => emulator.reset());

  afterAll(async () => {
    await gateway.stop('SIGTERM');
    await legacy.close();
    await rm(folder, { recursive: true });
  });

  test('works on the Node of this machine', async () => {
    const { report } = await runOnNode('node');
    expectAllWell(report);
  });

  test('works on the pinned Node', async () => {
    const { report, version } = await runOnNode(process.execPath);
    expect(version).toBe(process.version);
    expectAllWell(report);
  });

  test('works in workerd', async () => {
    const script = await bundle(
      `import { runChecks } from './checks.ts';
       export default { fetch: async (request) => Response.json(await runChecks(await request.json())) };`,
      'esm',
    );
    const worker = await startWorkerd({ vars: {}, script });
    try {
      const response = await fetch(worker.url, { method: 'POST', body: JSON.stringify(setting) });
      expectAllWell((await response.json()) as Report);
    } finally {
      await worker.close();
    }
  });

  test.skipIf(!executablePath)('works in Chromium', async () => {
    const script = await bundle(
      `import { runChecks } from './checks.ts'; globalThis.runChecks = runChecks;`,
      'iife',
    );
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      // A page of the gateway's own origin, without the policy of its pages.
      const blank = `${gateway.url}/blank`;
      await page.route(blank, (route) =>
        route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
      );
      await page.goto(blank);
      const call = `(async () => { ${script}; return globalThis.runChecks(${JSON.stringify(setting)}); })()`;
      expectAllWell(await page.evaluate(call));
    } finally {
      await browser.close();
    }
  });

  test('weighs less than 12 KiB gzipped', async () => {
    const { outputFiles } = await build({
      entryPoints: [join(root, 'clients/typescript/src/index.ts')],
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
    });
    const bytes = gzipSync(outputFiles[0]?.contents ?? '').length;
    expect(bytes).toBeGreaterThan(1000);
    expect(bytes).toBeLessThan(12 * 1024);
  });
});
