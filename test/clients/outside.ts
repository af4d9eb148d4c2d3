/** A stranger's shell: a temporary folder outside the repository, and a PATH that holds no `node_modules`. */
import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Without the variables that npm and Node set for child processes. */
const inherited = Object.entries(process.env).filter(
  ([name]) => !/^(?:npm_|NODE|INIT_CWD|VITEST)/i.test(name),
);
const path = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((entry) => !entry.split('/').includes('node_modules'))
  .join(delimiter);

export const outside: NodeJS.ProcessEnv = { ...Object.fromEntries(inherited), PATH: path };

const root = new URL('../..', import.meta.url).pathname;

/** With the compilers of the lockfile: the older TypeScript first, because most projects compile a client with it. */
export const withCompilers: NodeJS.ProcessEnv = {
  ...outside,
  TYPES: join(root, 'node_modules/@types'),
  PATH: [join(root, 'test/clients/node_modules/.bin'), join(root, 'node_modules/.bin'), path].join(delimiter),
};

/** Rejects with the whole output of the script. */
export async function shell(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Printed> {
  const options = { cwd, env, maxBuffer: 64 * 1024 * 1024 };
  try {
    return await run('bash', ['-euo', 'pipefail', '-c', script], options);
  } catch (error) {
    const { stdout = '', stderr = '' } = error as Partial<Printed>;
    throw new Error(`${script}\n${`${stdout}\n${stderr}`.slice(-4000)}`);
  }
}

export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/** The programs that are not in the stranger's PATH. */
export async function findMissing(programs: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    programs.map((program) =>
      run('sh', ['-c', program.includes(' ') ? program : `command -v ${program}`], { env: outside }).then(
        () => true,
        () => false,
      ),
    ),
  );
  return programs.filter((_, index) => !found[index]);
}
