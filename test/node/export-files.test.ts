/** An export into a folder: copies and manifests are files under their keys, and everything else is not. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createFolderStore } from '../../src/node/folder-store.ts';

test('a copy is a file under its key, is replaced with the object, and goes with it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'files-'));
  const store = createFolderStore({ directory });
  onTestFinished(async () => {
    store.close();
    await rm(directory, { recursive: true });
  });
  const write = async (key: string, text: string) => {
    const writer = store.write(key, { lengthBytes: text.length });
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  };
  const read = (key: string) => readFile(join(directory, key), 'utf8').catch(() => null);
  const copy = 'exports/abc/recordings/findme/1/0907.wav';
  for (const text of ['first', 'second']) {
    await write(copy, text);
    expect(await read(copy)).toBe(text);
  }
  await write('exports/abc/def/manifest.csv', 'sid');
  await write('audio/abc/0907/wav', 'sound');
  await write('exports/abc/def/report/0.ndjson', '{}');
  expect(await read('exports/abc/def/manifest.csv')).toBe('sid');
  expect([await read('audio/abc/0907/wav'), await read('exports/abc/def/report/0.ndjson')]).toEqual([
    null,
    null,
  ]);
  await store.delete([copy]);
  expect(await read(copy)).toBeNull();
});
