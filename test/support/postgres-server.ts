/** A Postgres of its own for a test, where Debian's or another package has installed one. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from './free-port.ts';

export interface PostgresServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The folder of its programs; null without one. */
export function findPostgres(): string | null {
  return globSync('/usr/lib/postgresql/*/bin').find((folder) => existsSync(join(folder, 'initdb'))) ?? null;
}

/** Postgres refuses to run as root. */
function toUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8')) ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

export async function startPostgres(programs: string): Promise<PostgresServer> {
  const directory = mkdtempSync(join(tmpdir(), 'postgres-'));
  const user = toUser();
  if (user.uid !== undefined && user.gid !== undefined) chownSync(directory, user.uid, user.gid);
  const data = join(directory, 'data');
  const made = spawnSync(join(programs, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'test', '-N'], user);
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await findFreePort();
  const settings = ['-c', 'fsync=off', '-c', `unix_socket_directories=${directory}`];
  const parameters = ['-D', data, '-h', '127.0.0.1', '-p', String(port), ...settings];
  const server = spawn(join(programs, 'postgres'), parameters, { ...user, stdio: 'ignore' });
  const ready = () =>
    spawnSync(join(programs, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).status === 0;
  for (let attempt = 0; attempt < 150 && !ready(); attempt += 1) await sleep(100);
  return {
    url: `postgres://test@127.0.0.1:${port}/postgres`,
    async close() {
      const ended = once(server, 'exit');
      server.kill('SIGINT');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
