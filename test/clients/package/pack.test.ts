/** The archive of `npm pack`: publint and are-the-types-wrong find no fault, and a stranger's compiler accepts it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outside, shell, withCompilers } from '../outside.ts';

const source = new URL('../../../clients/typescript', import.meta.url).pathname;
let folder: string;
let archive: string;

const program = `import { createRecordingsClient, RecordingsProblem, type Recording } from '@recordings-gateway/client';
const client = createRecordingsClient({ baseUrl: 'https://recordings.example.com', credentials: null });
export async function first(): Promise<Recording | undefined> {
  try {
    for await (const recording of client.recordings({ type: 'findme', id: 1234 })) return recording;
  } catch (error) {
    if (error instanceof RecordingsProblem && error.slug === 'invalid-request') console.log(error.errors);
  }
  // @ts-expect-error a list needs a type
  client.recordings({ id: 1234 });
  return undefined;
}
`;

describe('the packed package', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'packed-'));
    const { stdout } = await shell(`npm pack --silent --pack-destination ${folder}`, source, withCompilers);
    archive = join(folder, stdout.trim().split('\n').at(-1) ?? '');
  }, 120_000);

  afterAll(() => rm(folder, { recursive: true }));

  test('has no fault known to publint', async () => {
    const { stdout } = await shell(`npx -y -p publint@0.3.25 publint --strict ${archive}`, folder, outside);
    expect(stdout).toContain('All good!');
  });

  test('has types that resolve as its code does', async () => {
    const command = `npx -y -p @arethetypeswrong/cli@0.18.5 -p typescript@5.9.3 attw --profile esm-only ${archive}`;
    const { stdout } = await shell(command, folder, outside);
    // It exits with an error on a problem; the table still lists CommonJS, which the profile excludes.
    expect(stdout).toMatch(/node16 \(from ESM\).*🟢.*bundler.*🟢/s);
  });

  test('compiles and loads in another project', async () => {
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(folder, 'program.ts'), program);
    await shell(`npm install --no-audit --no-fund ${archive}`, folder, outside);
    for (const resolution of ['bundler', 'nodenext']) {
      const module = resolution === 'bundler' ? 'esnext' : 'nodenext';
      const flags = `--strict --noEmit --lib es2022,dom --module ${module} --moduleResolution ${resolution}`;
      await shell(`tsc ${flags} program.ts`, folder, withCompilers);
    }
    const load = "import('@recordings-gateway/client').then((all) => console.log(Object.keys(all).join()))";
    const { stdout } = await shell(`node -e "${load}"`, folder, outside);
    expect(stdout).toContain('createRecordingsClient');
    const manifest = await readFile(
      join(folder, 'node_modules/@recordings-gateway/client/package.json'),
      'utf8',
    );
    expect(JSON.parse(manifest).dependencies).toBe(undefined);
  });
});
