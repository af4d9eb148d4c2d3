/** `npm run build:ui`: builds the panel and the reference into dist/ui, unless they are up to date. */
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Metafile } from 'esbuild';

const root = new URL('../../..', import.meta.url).pathname;
const out = join(root, 'dist/ui');
/** Replaces the previous build in one step, so that no visitor gets a mixture of both. */
const draft = join(root, `dist/ui-${process.pid}`);
const stampFile = join(root, 'dist/ui.stamp');
const lock = join(root, 'dist/ui.lock');

/** Everything that the result depends on; the lockfile stands for the packages. */
const sources = [
  'src/panel/{*,{build,styles,views}/**/*}.{ts,tsx,css,html,svg}',
  'clients/typescript/src/*.ts',
  'openapi/openapi.json',
  'package-lock.json',
];

const stamp = createHash('sha256');
for (const file of globSync(sources, { cwd: root }).sort()) {
  stamp.update(`${file}\0`).update(readFileSync(join(root, file)));
}
const current = stamp.digest('hex');
if (readStamp() !== current) await alone(buildAll);

/** Tests, a developer's server and lint may start the build at the same time. */
async function alone(work: () => Promise<void>): Promise<void> {
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      // A process that is killed leaves its lock behind.
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0);
      if (age > 60_000) rmSync(lock, { recursive: true, force: true });
      else await setTimeout(100);
    }
  }
  try {
    if (readStamp() === current) return;
    await work();
    writeFileSync(stampFile, current);
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** Loads its tools here, so that a production installation without them can still start with an existing build. */
async function buildAll(): Promise<void> {
  const [{ build }, { readReferenceBundle }] = await Promise.all([
    import('esbuild'),
    import('./reference.ts'),
  ]);
  const started = performance.now();
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { panel: 'src/panel/main.tsx', docs: 'src/panel/docs.ts', icon: 'src/panel/icon.svg' },
    outdir: join(out, 'assets'),
    bundle: true,
    minify: true,
    format: 'esm',
    // The first versions of these browsers with `light-dark()`, popovers and nested CSS.
    target: ['chrome123', 'firefox125', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.woff2': 'file', '.svg': 'copy' },
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [`assets/${basename(path)}`, contents]));
  const names = toNames(metafile);

  const reference = new TextEncoder().encode(await readReferenceBundle());
  const digest = createHash('sha256').update(reference).digest('hex').slice(0, 8);
  names.set('reference.js', `assets/reference-${digest}.js`);
  files.set(`assets/reference-${digest}.js`, reference);

  for (const page of ['panel.html', 'docs.html']) {
    files.set(page, new TextEncoder().encode(toPage(page, names)));
  }
  files.set('openapi.json', readFileSync(join(root, 'openapi/openapi.json')));
  mkdirSync(join(draft, 'assets'), { recursive: true });
  for (const [name, contents] of files) writeCompressed(name, contents);
  // Cloudflare compresses the files itself; the compressed ones are for the Node entry.
  writeFileSync(join(draft, '.assetsignore'), '*.br\n*.gz\n');
  rmSync(out, { recursive: true, force: true });
  renameSync(draft, out);
  report(files, performance.now() - started);
}

/** Maps `panel.js` to the path that it is served under, relative to the page. */
function toNames({ outputs }: Metafile): Map<string, string> {
  const names = new Map<string, string>();
  for (const [path, { entryPoint }] of Object.entries(outputs)) {
    const [, name, extension] = /\/([^/]+)-[A-Z0-9]{8}\.(\w+)$/.exec(path) ?? [];
    if (name && (entryPoint || extension !== 'js'))
      names.set(`${name}.${extension}`, `assets/${basename(path)}`);
  }
  return names;
}

/** A page with each `{{name}}` replaced by that asset's path. */
function toPage(page: string, names: ReadonlyMap<string, string>): string {
  const template = readFileSync(join(root, 'src/panel', page), 'utf8');
  return template.replaceAll(/\{\{([^}]+)\}\}/g, (_, name: string) => {
    const address = names.get(name);
    if (!address) throw new Error(`${page} names ${name}, which the build did not make`);
    return address;
  });
}

function writeCompressed(name: string, contents: Uint8Array): void {
  const path = join(draft, name);
  writeFileSync(path, contents);
  if (!/\.(?:js|css|svg|html)$/.test(name)) return;
  // Brotli's best quality takes seconds for the reference and saves 4 %.
  const params = { [constants.BROTLI_PARAM_QUALITY]: contents.length > 1_000_000 ? 9 : 11 };
  writeFileSync(`${path}.br`, brotliCompressSync(contents, { params }));
  writeFileSync(`${path}.gz`, gzipSync(contents, { level: 9 }));
}

function report(files: ReadonlyMap<string, Uint8Array>, milliseconds: number): void {
  const kibibytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
  for (const [name, contents] of files) {
    console.log(
      `${name}: ${kibibytes(contents.length)}, ${kibibytes(gzipSync(contents, { level: 9 }).length)} gzipped`,
    );
  }
  console.log(`dist/ui built in ${Math.round(milliseconds)} ms`);
}

function readStamp(): string | null {
  try {
    return readFileSync(stampFile, 'utf8');
  } catch {
    return null;
  }
}
