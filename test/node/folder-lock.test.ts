/** A folder whose index another process has locked: writes wait without stopping the process, and reads do not wait. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFolderStore } from '../../src/node/folder-store.ts';
import { createFolder } from '../support/store-processes.ts';

async function startLocked() {
  const directory = await createFolder();
  const store = createFolderStore({ directory });
  await store.put('kept', 'before');
  const other = new DatabaseSync(join(directory, 'index.sqlite'));
  other.exec('begin immediate');
  onTestFinished(() => {
    store.close();
    other.close();
  });
  return { store, unlock: () => void other.exec('rollback') };
}

type Store = ReturnType<typeof createFolderStore>;

const large = new Uint8Array(100_000);
const writes: readonly [string, (store: Store) => Promise<unknown>][] = [
  ['a small put', (store) => store.put('key', 'after')],
  ['a conditional put', (store) => store.put('key', 'after', { onlyIf: 'absent' })],
  ['a large put', (store) => store.put('key', large)],
  ['a deletion', (store) => store.delete(['kept'])],
  ['a sweep', (store) => store.sweep()],
];

describe.each(writes)('%s', (_name, write) => {
  test('waits until the lock is released', async () => {
    const { store, unlock } = await startLocked();
    let isSettled = false;
    const writing = write(store).finally(() => {
      isSettled = true;
    });
    await sleep(100);
    expect(isSettled).toBe(false);
    expect(await store.head('kept')).toMatchObject({ sizeBytes: 6 });
    unlock();
    await writing;
  });
});

test.each([true, false])('writes that begin together all succeed, while locked: %s', async (isLocked) => {
  const { store, unlock } = await startLocked();
  if (!isLocked) unlock();
  const creating = Array.from({ length: 20 }, () => store.put('key', 'x', { onlyIf: 'absent' }));
  const putting = Array.from({ length: 20 }, (_, index) => store.put(`key-${index}`, 'x'));
  await sleep(50);
  if (isLocked) unlock();
  // One of those that create the same key.
  expect((await Promise.all(creating)).filter((object) => object !== null)).toHaveLength(1);
  expect((await Promise.all(putting)).filter((object) => object !== null)).toHaveLength(20);
});

test('a lock that lasts fails a write after five seconds', { timeout: 20_000 }, async () => {
  const { store } = await startLocked();
  await expect(store.put('key', 'after')).rejects.toMatchObject({ errcode: 5 });
  expect(await store.head('key')).toBeNull();
});
