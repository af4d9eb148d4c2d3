/** Exports: create one, control it, and follow its progress by server-sent events. */
import { readBatches } from './events.ts';
import type { Send } from './http.ts';
import { ConnectionFailed, RecordingsProblem } from './problem.ts';
import { sleep } from './retry.ts';
import type { Export, ExportList, ExportOutcome, ManifestFormat } from './schema-names.ts';

type State = Pick<Export, 'id' | 'status' | 'reason' | 'progress' | 'deletion'>;

/** The current state of the export. After a change of its status, with all other members of the export. */
export type ExportEvent = State & Partial<Export>;

/** `deletion` deletes the originals whose copies are intact. */
export type ExportAction = 'pause' | 'resume' | 'cancel' | 'retry' | 'deletion';

export interface ManifestOptions {
  readonly format?: ManifestFormat;
  /** Only the rows with this outcome. */
  readonly outcome?: ExportOutcome;
  readonly signal?: AbortSignal;
}

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

  /** The states that one connection reports. */
  async function* listen(
    id: string,
    { last, signal }: { last: { id: string }; signal: AbortSignal },
  ): AsyncGenerator<ExportEvent> {
    const headers = { Accept: 'text/event-stream', ...(last.id && { 'Last-Event-ID': last.id }) };
    const path = `${toPath(id)}/events`;
    for await (const batch of readBatches(() => send({ ...read, path, headers, signal }))) {
      last.id = batch?.at(-1)?.id || last.id;
      // Changes of the status are replayed from the creation on, so that they say only that there is something to look at.
      const isStale = !batch || batch.some(({ type }) => type === 'status');
      if (isStale) yield await getExport(id, { signal });
      else for (const { data } of batch) yield JSON.parse(data);
    }
  }

  return {
    getExport,
    async listExports({ limit, signal }: { limit?: number; signal?: AbortSignal } = {}): Promise<ExportList> {
      const response = await send({ ...read, path: '/exports', query: { limit }, signal });
      return response.json();
    },
    async controlExport(id: string, action: ExportAction): Promise<Export> {
      const response = await send({ method: 'POST', repetition: 'safe', path: `${toPath(id)}/${action}` });
      return response.json();
    },
    getExportManifest(id: string, { format, outcome, signal }: ManifestOptions = {}): Promise<Response> {
      return send({ ...read, path: `${toPath(id)}/manifest`, query: { format, outcome }, signal });
    },
    /** Ends with the export, and with the deletion of its originals. A connection that breaks is opened again. */
    async *followExport(
      id: string,
      { signal }: { signal?: AbortSignal } = {},
    ): AsyncGenerator<ExportEvent, void, undefined> {
      const last = { id: '' };
      for (;;) {
        const connection = new AbortController();
        const stop = () => connection.abort(signal?.reason);
        if (signal?.aborted) stop();
        signal?.addEventListener('abort', stop, { once: true });
        try {
          for await (const event of listen(id, { last, signal: connection.signal })) {
            yield event;
            if (isOver(event)) return;
          }
        } catch (error) {
          if (signal?.aborted) throw error;
          throwLasting(error);
        } finally {
          signal?.removeEventListener('abort', stop);
          connection.abort();
        }
        // Where no event comes through, this is the report.
        const state = await getExport(id, { signal }).catch(throwLasting);
        if (state) yield state;
        if (state && isOver(state)) return;
        await sleep(pauseMs, signal);
      }
    },
  };
}

function isOver({ status, deletion }: ExportEvent): boolean {
  return final.includes(status) && deletion?.status !== 'running';
}

/** Such as that the export is gone. An export outlives a gateway that is restarted, so that other failures pass. */
function throwLasting(error: unknown): null {
  const isProblem = error instanceof RecordingsProblem;
  const passes = isProblem ? error.status >= 500 || error.status === 429 : error instanceof ConnectionFailed;
  if (!passes) throw error;
  return null;
}
