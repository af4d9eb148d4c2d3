/** Exports: create one, control it, and follow its progress by server-sent events. */
import type { Send } from './http.ts';
import { sleep } from './retry.ts';
import type { Export } from './schema-names.ts';

/** A state of the export, after each change. */
export type ExportEvent = Pick<Export, 'id' | 'status' | 'reason' | 'progress'>;

const final: readonly string[] = ['completed', 'completed_with_failures', 'failed', 'canceled'];

/** In milliseconds, between polls and before a connection that broke is opened again. */
const pauseMs = 2000;

export function createExports(send: Send) {
  const toPath = (id: string) => `/exports/${encodeURIComponent(id)}`;
  const read = { method: 'GET', repetition: 'safe' } as const;

  const getExport = async (
    id: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<Export> => {
    const response = await send({ ...read, path: toPath(id), signal });
    return response.json();
  };

  return {
    getExport,
    async controlExport(id: string, action: 'pause' | 'resume' | 'cancel' | 'retry'): Promise<Export> {
      const response = await send({ method: 'POST', repetition: 'safe', path: `${toPath(id)}/${action}` });
      return response.json();
    },
    /** Ends with the export, and connects again when a connection breaks. Polls where responses cannot be read as streams. */
    async *followExport(
      id: string,
      { signal }: { signal?: AbortSignal } = {},
    ): AsyncGenerator<ExportEvent, void, undefined> {
      let lastId = '';
      for (;;) {
        const headers = { Accept: 'text/event-stream', ...(lastId && { 'Last-Event-ID': lastId }) };
        const response = await send({ ...read, path: `${toPath(id)}/events`, headers, signal });
        try {
          const events = response.body
            ? readEvents(response.body)
            : pollOnce(() => getExport(id, { signal }));
          for await (const { id: eventId, event } of events) {
            lastId = eventId || lastId;
            yield event;
            if (final.includes(event.status)) return;
          }
        } catch (error) {
          if (signal?.aborted) throw error;
        }
        await sleep(pauseMs, signal);
      }
    },
  };
}

interface Received {
  readonly id: string;
  readonly event: ExportEvent;
}

async function* pollOnce(load: () => Promise<Export>): AsyncGenerator<Received> {
  yield { id: '', event: await load() };
}

/** As WHATWG HTML 9.2.6 reads them, as far as the gateway uses it: one line of data for each event. */
async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<Received> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, data] = /^data: ?(.*)$/m.exec(block) ?? [];
        if (data) yield { id: /^id: ?(.*)$/m.exec(block)?.[1] ?? '', event: JSON.parse(data) };
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
