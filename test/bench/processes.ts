/** Servers in separate processes, so that the CPU time and memory of each can be read (Linux). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Running {
  /** An origin. */
  readonly url: string;
  readonly pid: number;
  close(): Promise<void>;
}

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** For Node, before the file. */
  readonly flags?: readonly string[];
}

const running = new Set<ChildProcess>();
// Leaves no process behind, however the bench ends.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Registers a process that must not outlive this one. */
export function keep(child: ChildProcess): void {
  running.add(child);
  child.once('exit', () => running.delete(child));
}

/**
 * Runs a script beside this file, or `src/node/main.ts`; it prints its origin once it listens. Its output goes to a file:
 * writes to a pipe would wait for this process, which is busy with the load.
 */
export async function startProcess(file: string, { env, flags = [] }: ProcessOptions = {}): Promise<Running> {
  const path = new URL(file, import.meta.url).pathname;
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  const output = join(directory, 'output');
  const descriptor = openSync(output, 'w');
  const child = spawn(process.execPath, [...flags, path], {
    stdio: ['ignore', descriptor, 'inherit'] as const,
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0', ...env },
  });
  closeSync(descriptor);
  child.once('exit', () => rmSync(directory, { recursive: true }));
  keep(child);
  const url = await printed(child, output, /http:\/\/127\.0\.0\.1:\d+/);
  return { url, pid: child.pid ?? 0, close: () => end(child) };
}

/** Waits for a match in the output. Throws if the process ends first. */
async function printed(child: ChildProcess, output: string, pattern: RegExp): Promise<string> {
  while (child.exitCode === null && child.signalCode === null) {
    const [found] = pattern.exec(readFileSync(output, 'utf8')) ?? [];
    if (found) return found;
    await sleep(20);
  }
  throw new Error(`${child.spawnargs.join(' ')} ended`);
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** CPU time of all its threads since its start, in milliseconds. */
export function cpuTime(pid: number): number {
  // After the name, which may have spaces: state is the first field, utime and stime the 12th and 13th, in
  // hundredths.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export interface Memory {
  readonly resident: number;
  /** The peak since the start. */
  readonly peak: number;
}

/** In MiB. */
export function memory(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return { resident: field('VmRSS'), peak: field('VmHWM') };
}
