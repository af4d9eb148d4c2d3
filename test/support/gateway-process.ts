/** The Node entry in a separate process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface GatewayProcess {
  /** An origin. */
  readonly url: string;
  readonly pid: number;
  /** Its output so far. */
  readonly lines: readonly string[];
  /** Sends the signal; resolves with the code when the process has ended. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

const root = new URL('../..', import.meta.url).pathname;

/** Started like production without a custom command. */
export async function startProcess(
  env: Readonly<Record<string, string>>,
  [command, ...parameters]: readonly [string, ...string[]] = [process.execPath, 'src/node/main.ts'],
): Promise<GatewayProcess> {
  const gateway = spawn(command, parameters, {
    cwd: root,
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  gateway.stderr.on('data', (chunk) => {
    errors += chunk;
    process.stderr.write(chunk);
  });
  const lines: string[] = [];
  // Not 'exit', which may come before its last lines.
  const ended = once(gateway, 'close').then(([code]: (number | null)[]) => code ?? null);
  const url = await new Promise<string>((resolve, reject) => {
    gateway.on('close', (code) => reject(new Error(`the gateway ended with ${code}: ${errors}`)));
    createInterface(gateway.stdout).on('line', (line) => {
      lines.push(line);
      const [, found] = /^recordings gateway on (http:\S+)$/.exec(line) ?? [];
      if (found) resolve(found);
    });
  });
  return {
    url,
    pid: gateway.pid ?? 0,
    lines,
    async stop(signal) {
      gateway.kill(signal);
      return await ended;
    },
  };
}
