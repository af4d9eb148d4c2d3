/** The behaviours of every object store in one table; each adapter's tests run all of them. */
import { afterEach, describe, expect, test } from 'vitest';
import type { ObjectStore, StoredBody, WriteOptions } from '../../src/store/object-store.ts';

export interface ConformanceOptions {
  /** The longest stream, in bytes. */
  readonly longest: number;
  /** The number of keys in a long list. */
  readonly manyKeys: number;
}

const megabyte = 1024 * 1024;

/** Byte `index` of every stream here. */
const toByte = (index: number) => (index * 31 + (index >> 8) * 7 + (index >> 16) * 13) & 255;

function toBytes(length: number, from = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => toByte(from + index));
}

async function read(found: StoredBody | null): Promise<Uint8Array> {
  return new Uint8Array(await new Response(found?.body).arrayBuffer());
}

const toText = async (found: StoredBody | null) => new TextDecoder().decode(await read(found));

/** Through one buffer, which each write may reuse. */
async function writeAll(store: ObjectStore, key: string, options: WriteOptions & { readonly size: number }) {
  const { size, ...about } = options;
  const writer = store.write(key, about);
  const buffer = new Uint8Array(megabyte);
  for (let at = 0; at < size; at += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, size - at));
    for (let index = 0; index < piece.length; index += 1) piece[index] = toByte(at + index);
    await writer.write(piece);
  }
  await writer.close();
}

export function describeStore(store: ObjectStore, { longest, manyKeys }: ConformanceOptions): void {
  const prefix = 'audio/conformance/';
  const key = `${prefix}object`;

  async function listAll(under: string): Promise<{ keys: string[]; pages: number }> {
    const keys: string[] = [];
    let pages = 0;
    for (let cursor: string | null | undefined; cursor !== null; pages += 1) {
      const page = await store.list(under, cursor);
      keys.push(...page.keys);
      cursor = page.cursor;
    }
    return { keys, pages };
  }

  afterEach(async () => {
    const { keys } = await listAll(prefix);
    if (keys.length > 0) await store.delete(keys);
  });

  describe('an object', () => {
    test('that does not exist is null, and its deletion succeeds', async () => {
      expect(await store.head(key)).toBeNull();
      expect(await store.get(key)).toBeNull();
      expect(await store.get(key, { range: { first: 0, last: 1 } })).toBeNull();
      expect(await store.get(key, { ifMatch: 'x' })).toBeNull();
      await store.delete([key]);
    });

    test('has its content, type, time and metadata', async () => {
      const metadata = { generation: 'a-b', 'sample-rate': '8000' };
      const put = await store.put(key, 'content', { contentType: 'audio/wav', metadata });
      const found = await store.get(key);
      const expected = { key, sizeBytes: 7, contentType: 'audio/wav', metadata };
      for (const object of [put, found, await store.head(key)]) {
        expect(object).toMatchObject(expected);
        expect(object?.etag).toBe(put?.etag);
        expect(Math.abs(Date.now() - (object?.uploaded.getTime() ?? 0))).toBeLessThan(60_000);
      }
      expect(put?.etag).toMatch(/^[^"]+$/);
      expect(found?.range).toEqual({ start: 0, end: 7 });
      expect(await toText(found)).toBe('content');
    });

    test('changes its etag with its content, and disappears when deleted', async () => {
      const first = await store.put(key, 'first');
      const second = await store.put(key, 'second');
      expect(second?.etag).not.toBe(first?.etag);
      expect(await toText(await store.get(key))).toBe('second');
      await store.delete([key]);
      expect(await store.head(key)).toBeNull();
    });

    test('is read to its end by a reader that started before it was replaced', async () => {
      await writeAll(store, key, { size: 3 * megabyte, lengthBytes: 3 * megabyte });
      const found = await store.get(key);
      await store.put(key, 'another');
      const bytes = await read(found);
      expect(Buffer.compare(bytes, toBytes(3 * megabyte))).toBe(0);
    });

    test.each([
      "it's",
      'with space',
      'plus+plus',
      'a&b=c?d#e',
      'per%20cent%',
      'umlaut-ü-😀',
      'semi;colon:at@',
      '<xml>&"quoted"',
      'par(en)s!*~$,',
      'back\\slash',
      'x'.repeat(200),
    ])('may have the key %s', async (name) => {
      const odd = `${prefix}${name}`;
      await store.put(odd, name);
      expect(await toText(await store.get(odd))).toBe(name);
      expect((await listAll(prefix)).keys).toEqual([odd]);
      await store.delete([odd, `${prefix}another`]);
      expect(await store.head(odd)).toBeNull();
    });
  });

  describe('a condition', () => {
    test.each([
      ['absent, without an object', false, 'absent', true],
      ['absent, on an object', true, 'absent', false],
      ['its etag', true, 'current', true],
      ['another etag', true, 'other', false],
      ['an etag, without an object', false, 'other', false],
    ] as const)('%s', async (_name, isThere, onlyIf, isWritten) => {
      const before = isThere ? await store.put(key, 'before') : null;
      const other = (await store.put(`${prefix}other`, 'other'))?.etag ?? '';
      const condition =
        onlyIf === 'absent' ? 'absent' : { etag: (onlyIf === 'current' ? before?.etag : other) ?? '' };
      const written = await store.put(key, 'after', { onlyIf: condition });
      expect(written !== null).toBe(isWritten);
      const found = await store.get(key);
      expect(found && (await toText(found))).toBe(isWritten ? 'after' : isThere ? 'before' : null);
    });

    test.each(['absent', 'etag'] as const)('%s admits one of twenty concurrent writes', async (kind) => {
      const before = kind === 'etag' ? await store.put(key, 'before') : null;
      const onlyIf = before ? { etag: before.etag } : 'absent';
      const racers = Array.from({ length: 20 }, (_, index) => store.put(key, `racer ${index}`, { onlyIf }));
      const winners = (await Promise.all(racers)).map((won, index) => (won ? `racer ${index}` : null));
      expect(winners.filter((winner) => winner !== null)).toHaveLength(1);
      expect(winners).toContain(await toText(await store.get(key)));
    });

    test('is honoured if the store says so', async () => {
      expect(await store.honoursConditions()).toBe(true);
    });
  });

  describe('a range', () => {
    const size = 100_000;
    test.each([
      [{ first: 0, last: 0 }, 0, 1],
      [{ first: 0, last: 99_999 }, 0, size],
      [{ first: 5, last: 9 }, 5, 10],
      [{ first: 99_999, last: 99_999 }, 99_999, size],
      [{ first: 50_000, last: Number.POSITIVE_INFINITY }, 50_000, size],
      [{ first: 50_000, last: Number.MAX_SAFE_INTEGER }, 50_000, size],
      [{ first: 50_000, last: 400_000 }, 50_000, size],
      [{ suffix: 1 }, 99_999, size],
      [{ suffix: 400_000 }, 0, size],
      [{ first: size, last: size }, size, size],
      [{ first: 400_000, last: Number.POSITIVE_INFINITY }, size, size],
      [{ first: Number.MAX_SAFE_INTEGER + 2, last: Number.POSITIVE_INFINITY }, size, size],
      [{ suffix: 0 }, size, size],
    ])('%o is bytes %i to %i', async (range, start, end) => {
      const put = await store.put(key, toBytes(size));
      for (const ifMatch of [undefined, put?.etag]) {
        const found = await store.get(key, { range, ...(ifMatch !== undefined && { ifMatch }) });
        expect(found?.sizeBytes).toBe(size);
        expect(found?.etag).toBe(put?.etag);
        expect(found?.range).toEqual({ start, end });
        expect(Buffer.compare(await read(found), toBytes(end - start, start))).toBe(0);
      }
      expect(await store.get(key, { range, ifMatch: 'another' })).toBeNull();
    });

    test('of an empty object is empty', async () => {
      await store.put(key, '');
      for (const range of [{ first: 0, last: 5 }, { suffix: 5 }]) {
        const found = await store.get(key, { range });
        expect(found).toMatchObject({ sizeBytes: 0, range: { start: 0, end: 0 } });
        expect(await toText(found)).toBe('');
      }
    });
  });

  describe.each(['known', 'unknown'] as const)('a stream of %s length', (kind) => {
    const toOptions = (size: number) => ({ lengthBytes: kind === 'known' ? size : null });

    test.each([
      0,
      1,
      64 * 1024,
      64 * 1024 + 1,
      5 * megabyte,
      5 * megabyte + 1,
      8 * megabyte,
      17 * megabyte + 3,
      longest,
    ])(
      'of %i bytes is stored whole',
      async (size) => {
        const metadata = { generation: 'g' };
        await writeAll(store, key, { size, ...toOptions(size), contentType: 'audio/mpeg', metadata });
        expect(await store.head(key)).toMatchObject({ sizeBytes: size, contentType: 'audio/mpeg', metadata });
        for (const at of [0, Math.floor(size / 2), Math.max(0, size - 1000)]) {
          const found = await store.get(key, { range: { first: at, last: at + 999 } });
          expect(Buffer.compare(await read(found), toBytes(Math.min(1000, size - at), at))).toBe(0);
        }
      },
      120_000,
    );

    test('does not exist before its last byte, and then replaces the previous object', async () => {
      await store.put(key, 'former');
      const writer = store.write(key, toOptions(100));
      await writer.write(toBytes(99));
      expect(await toText(await store.get(key))).toBe('former');
      await writer.write(toBytes(1, 99));
      await writer.close();
      expect(Buffer.compare(await read(await store.get(key)), toBytes(100))).toBe(0);
    });

    test.each([0, 1, 100_000, 5 * megabyte, 9 * megabyte, 20 * megabyte])(
      'that is aborted after %i bytes leaves no object',
      async (bytes) => {
        const writer = store.write(key, toOptions(20 * megabyte));
        for (let at = 0; at < bytes; at += megabyte) {
          await writer.write(toBytes(Math.min(megabyte, bytes - at), at));
        }
        await writer.abort();
        expect(await store.head(key)).toBeNull();
        expect((await listAll(prefix)).keys).toEqual([]);
      },
    );
  });

  test('a stream that is shorter than announced is rejected and leaves no object', async () => {
    const writer = store.write(key, { lengthBytes: 1000 });
    await writer.write(toBytes(999));
    await expect(writer.close()).rejects.toThrow();
    await writer.abort();
    expect(await store.head(key)).toBeNull();
  });

  test(`a list of ${manyKeys} keys comes in pages, in order, and is deleted in one call`, async () => {
    const names = Array.from(
      { length: manyKeys },
      (_, index) => `${prefix}many/${String(index).padStart(6, '0')}`,
    );
    for (let at = 0; at < names.length; at += 50) {
      await Promise.all(names.slice(at, at + 50).map((name) => store.put(name, '')));
    }
    await store.put(`${prefix}manz`, '');
    const { keys, pages } = await listAll(`${prefix}many/`);
    expect(keys).toEqual(names);
    expect(pages).toBeGreaterThan(manyKeys > 1000 ? 1 : 0);
    await store.delete(keys);
    expect((await listAll(prefix)).keys).toEqual([`${prefix}manz`]);
  }, 300_000);
}
