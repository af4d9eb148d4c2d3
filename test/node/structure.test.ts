/**
 * `npm run lint:structure` rejects each kind of import against the direction of the folders, and a crowded or
 * undocumented tree.
 */
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findViolations } from '../scripts/structure/check.ts';
import { findWordingFaults } from '../scripts/structure/english.ts';
import { findLayoutFaults } from '../scripts/structure/layout.ts';

const root = new URL('../..', import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), 'structure-'));
afterAll(() => rm(folder, { recursive: true }));

const rows = [
  { file: 'http/up.ts', code: "import '../legacy/call.ts';", rule: 'direction-of-http' },
  {
    file: 'audio/type.ts',
    code: "import type { A } from '../routes/a.ts';\nexport type B = A;",
    rule: 'direction-of-audio',
  },
  {
    file: 'store/inline.ts',
    code: "import { type A } from '../auth/a.ts';\nexport type B = A;",
    rule: 'direction-of-store',
  },
  { file: 'uploads/lazy.ts', code: "await import('../recordings/a.ts');", rule: 'direction-of-uploads' },
  { file: 'workers/other.ts', code: "import '../node/a.ts';", rule: 'direction-of-workers' },
  { file: 'attic/a.ts', code: "import '../http/a.ts';", rule: 'room-without-layer' },
  { file: 'routes/view.ts', code: "import '../panel/a.ts';", rule: 'direction-of-routes' },
  { file: 'panel/server.ts', code: "import '../config.ts';", rule: 'panel-is-a-client' },
  { file: 'auth/files.ts', code: "import { readFile } from 'node:fs/promises';", rule: 'node-in-src-node' },
  { file: 'legacy/pool.ts', code: "import { Pool } from 'undici';", rule: 'undici-in-src-node' },
  {
    file: 'audio/bucket.ts',
    code: "import type { R2Bucket } from '@cloudflare/workers-types';",
    rule: 'cloudflare-in-src-workers',
  },
  {
    file: 'http/env.ts',
    code: "import { env } from 'cloudflare:workers';",
    rule: 'cloudflare-in-src-workers',
  },
  { file: 'node/emulator.ts', code: "import '../../test/a.ts';", rule: 'src-stands-alone' },
];

const targets = [
  'config.ts',
  ...['attic', 'auth', 'http', 'legacy', 'node', 'panel', 'recordings', 'routes'].map(
    (room) => `${room}/${room === 'legacy' ? 'call' : 'a'}.ts`,
  ),
];

async function write(path: string, code: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), `${code}\n`);
}

describe('an import against the direction', async () => {
  for (const target of targets) await write(`src/${target}`, 'export type A = 1;');
  await write('test/a.ts', 'export {};');
  await write('clients/typescript/src/a.ts', 'export {};');
  for (const { file, code } of rows) await write(`src/${file}`, code);
  await write('src/legacy/one.ts', "import './two.ts';");
  await write('src/legacy/two.ts', "import './one.ts';");
  await write('src/auth/tokens/a.ts', "import '../keys/a.ts';");
  await write('src/auth/keys/a.ts', "import '../tokens/b.ts';");
  await write('src/auth/tokens/b.ts', 'export {};');
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  const violations = await findViolations(folder);

  test.each(rows)('$file breaks $rule', ({ file, rule }) => {
    expect(violations.filter((violation) => violation.includes(`: src/${file} `))).toEqual([
      expect.stringMatching(`^${rule}: `),
    ]);
  });

  test('two files that import each other are a circle', () => {
    expect(violations).toContain(
      'no-circle-of-files: src/legacy/one.ts → src/legacy/two.ts → src/legacy/one.ts',
    );
  });

  test('two rooms that import each other are a circle', () => {
    expect(violations).toContain('no-circle-of-rooms: src/auth/keys → src/auth/tokens → src/auth/keys');
  });
});

describe('the layout', async () => {
  const other = join(folder, 'layout');
  await mkdir(join(other, 'src'), { recursive: true });
  await mkdir(join(other, 'test'));
  for (let i = 0; i < 17; i += 1) await writeFile(join(other, `test/${i}.test.ts`), '/** A sentence. */\n');
  await writeFile(join(other, 'src/silent.ts'), "import 'zod';\n/** Too late. */\n");
  await writeFile(join(other, 'src/empty.ts'), '/** */\nexport {};\n');

  test('limits the entries at the top, and requires an opening sentence in each file', () => {
    expect(findLayoutFaults(other)).toEqual([
      'test has 17 entries, more than 16',
      'src/empty.ts has no opening sentence',
      'src/silent.ts has no opening sentence',
    ]);
  });
});

describe('the wording', async () => {
  const other = join(folder, 'wording');
  for (const name of ['src', 'test', 'openapi', 'docs']) await mkdir(join(other, name), { recursive: true });
  await writeFile(join(other, 'src/a.ts'), "/** For whoever calls. */\nconst heeded = 'there is none';\n");
  await writeFile(
    join(other, 'src/b.ts'),
    '/** Recommended amendments; there are none. Is none. */\n// What is sent.\n',
  );
  await writeFile(
    join(other, 'test/a.test.ts'),
    "test('who is first', () => {});\ntest('a date that is no date', f);\n",
  );
  await writeFile(join(other, 'openapi/openapi.json'), '{ "description": "Told of\\nthe end." }\n');
  await writeFile(
    join(other, 'docs/a.md'),
    'The words `nobody` and\n`amid` are examples, everybody knows.\n',
  );
  await writeFile(join(other, 'README.md'), 'A line.\n'.repeat(201));

  test('reports each word with its file, line and a better way', () => {
    expect(findWordingFaults(other)).toEqual([
      'docs/a.md:2: "everybody": name the actor: caller, client, operator, vendor',
      'openapi/openapi.json:1: "Told of": write "called with" or "notified of"',
      'src/a.ts:1: "whoever": name the actor: caller, client, operator, vendor',
      'src/a.ts:2: "heeded": write "follow" or "obey"',
      'src/b.ts:1: "Is none": say what it is, such as "is invalid"',
      'src/b.ts:2: "// What": begin with the subject instead of a clause',
      `test/a.test.ts:1: "test('who": begin with the subject instead of a clause`,
      'test/a.test.ts:2: "that is no": write "not a", or an adjective',
      'README.md has 201 lines, more than 200: move text to docs/',
    ]);
  });
});
