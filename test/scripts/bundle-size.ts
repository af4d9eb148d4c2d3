/** Prints the size of the Worker's bundle as it is deployed: minified, and gzipped as the platform counts it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const out = mkdtempSync(join(tmpdir(), 'bundle-'));
try {
  execFileSync('wrangler', ['deploy', '--env=', '--dry-run', '--minify', '--outdir', out], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const bundle = readFileSync(join(out, 'main.js'));
  const kibibytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
  console.log(
    `Worker bundle: ${kibibytes(bundle.length)} minified, ${kibibytes(gzipSync(bundle, { level: 9 }).length)} gzipped`,
  );
} finally {
  rmSync(out, { recursive: true });
}
