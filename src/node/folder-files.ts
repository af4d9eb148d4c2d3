/** Files of a folder store under their keys, for people: a hard link beside each body of an export. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Whether an owner reads the object without the gateway: a copy or a manifest. States and reports change too often. */
export function isFile(key: string): boolean {
  return /^exports\/\w+\/(?:recordings\/.|\w+\/manifest\.)/.test(key);
}

/** Replaces the file, if there is one, in one step. */
export async function linkFile(file: string, body: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomUUID()}`;
  await link(body, temporary);
  await rename(temporary, file);
}
