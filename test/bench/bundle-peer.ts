/** Bundles a peer for workerd into one module. */
import { build } from 'esbuild';

export async function bundlePeer(peer: string): Promise<string> {
  const result = await build({
    entryPoints: [new URL(`peers/${peer}`, import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
    external: ['cloudflare:*'],
    write: false,
  });
  return result.outputFiles[0]?.text ?? '';
}
