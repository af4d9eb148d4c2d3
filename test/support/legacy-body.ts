/** The contract of a legacy body, which every adapter of the port fulfils. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LegacyBody } from '../../src/legacy/transport.ts';

export interface BodyScript {
  /** Sent in this order; none is empty. */
  readonly chunks: readonly Uint8Array<ArrayBuffer>[];
  /** After the chunks: the body ends, the connection breaks, or the body stalls. */
  readonly ending: 'end' | 'break' | 'stall';
  /** Whether Content-Length is sent: that of the chunks, or more if the body does not end. */
  readonly declared: boolean;
}

interface OpenedBody {
  readonly body: LegacyBody;
  /** Settles when the legacy service sees its connection closed, or its body fetched. */
  readonly closed: Promise<'closed' | 'fetched'>;
}

export type OpenBody = (script: BodyScript, signal?: AbortSignal) => Promise<OpenedBody>;

const chunk = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Uint8Array.from(bytes));

export function describeLegacyBody(name: string, open: OpenBody): void {
  describe(name, () => {
    const end = { ending: 'end', declared: true } as const;
    const hello = { chunks: ['hel', 'lo'].map(toBytes), ...end };

    it.each([true, false])('reads to its end and then null, declared: %s', async (declared) => {
      await fc.assert(
        fc.asyncProperty(fc.array(chunk, { maxLength: 6 }), async (chunks) => {
          const { body } = await open({ chunks, ending: 'end', declared });
          const read: Uint8Array[] = [];
          for (let next = await body.read(); next; next = await body.read()) {
            expect(next.length).toBeGreaterThan(0);
            read.push(next);
          }
          expect(concat(read)).toEqual(concat(chunks));
          expect(await body.read()).toBeNull();
        }),
        { numRuns: 30 },
      );
    });

    it.each([true, false])('rejects a read when the connection breaks, declared: %s', async (declared) => {
      const { body } = await open({ chunks: hello.chunks, ending: 'break', declared });
      await expect(drain(body)).rejects.toThrow();
    });

    it('relays read and remaining bytes, cut to any length after any skip', async () => {
      const shape = fc.record({
        chunks: fc.array(chunk, { minLength: 1, maxLength: 6 }),
        declared: fc.boolean(),
        bounded: fc.boolean(),
        start: fc.nat(200),
        size: fc.nat(200),
      });
      await fc.assert(
        fc.asyncProperty(shape, async ({ chunks, declared, bounded, start, size }) => {
          const whole = concat(chunks);
          const from = start % (whole.length + 1);
          const length = bounded ? size % (whole.length - from + 1) : null;
          const { body } = await open({ chunks, ending: 'end', declared });
          const first = (await body.read()) ?? new Uint8Array();
          const head = first.subarray(from);
          if (from > first.length) await body.skip(from - first.length);
          const relayed = await new Response(body.relay({ head, length })).bytes();
          expect(relayed).toEqual(whole.slice(from, length === null ? undefined : from + length));
        }),
        { numRuns: 100 },
      );
    });

    it.each([
      [{ ...hello, declared: false }, 6],
      [{ ...hello, declared: true }, 6],
      [{ chunks: hello.chunks, ending: 'break', declared: true } as const, 6],
      [{ chunks: hello.chunks, ending: 'break', declared: false } as const, null],
    ])(
      'interrupts the relayed stream when the legacy service sends less: %o for %s bytes',
      async (script, length) => {
        const { body } = await open(script);
        const relayed = body.relay({ head: new Uint8Array(), length });
        await expect(new Response(relayed).bytes()).rejects.toThrow();
      },
    );

    it('rejects a skip past the end', async () => {
      const { body } = await open(hello);
      await body.skip(5);
      await expect(body.skip(1)).rejects.toThrow();
    });

    it('closes the legacy connection at the end of a range', async () => {
      const { body, closed } = await open({ ...hello, ending: 'stall' });
      const relayed = body.relay({ head: new Uint8Array(), length: 4 });
      expect(await new Response(relayed).text()).toBe('hell');
      expect(await closed).toBe('closed');
    });

    it.each([
      ['the body is cancelled', (body: LegacyBody) => body.cancel()],
      ['the body is cancelled after a read', (body: LegacyBody) => body.read().then(body.cancel)],
      [
        'the relayed stream is cancelled unread',
        (body: LegacyBody) => body.relay({ head: toBytes('head'), length: null }).cancel(),
      ],
      [
        'the relayed stream is cancelled midway',
        async (body: LegacyBody) => {
          const reader = body.relay({ head: toBytes('head'), length: 900 }).getReader();
          await reader.read();
          await reader.cancel();
        },
      ],
    ])('closes the legacy connection when %s', async (_when, leave) => {
      const { body, closed } = await open({ ...hello, ending: 'stall' });
      await leave(body);
      expect(await closed).toBe('closed');
    });

    it('ends a relayed stream and closes the legacy connection on its signal', async () => {
      const caller = new AbortController();
      const { body, closed } = await open({ ...hello, ending: 'stall' }, caller.signal);
      const reader = body.relay({ head: toBytes('head'), length: 900 }).getReader();
      await reader.read();
      caller.abort();
      await expect(
        (async () => {
          for (let step = await reader.read(); !step.done; step = await reader.read());
        })(),
      ).rejects.toThrow();
      expect(await closed).toBe('closed');
    });

    it('may be cancelled twice, and after its end', async () => {
      const { body } = await open(hello);
      await drain(body);
      await body.cancel();
      await body.cancel();
    });

    it('may be cancelled after it broke', async () => {
      const { body } = await open({ ...hello, ending: 'break' });
      await drain(body).catch(() => {});
      await body.cancel();
    });
  });
}

export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(new TextEncoder().encode(text));
}

function concat(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(chunks.flatMap((part) => [...part]));
}

async function drain(body: LegacyBody): Promise<void> {
  while (await body.read());
}
