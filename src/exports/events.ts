/** The events of an export as server-sent events (WHATWG HTML, section 9.2): its history first, then each change. */
import { sleep } from '../primitives/sleep.ts';
import type { Ledger } from './ledger.ts';
import { type ExportState, isActive, type Progress } from './state.ts';

export interface EventStreamOptions {
  readonly ledger: Pick<Ledger, 'read'>;
  /** The `Last-Event-ID` of a client that reconnects; 0 for all events. */
  readonly after: number;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
  /** Called when the stream has ended, possibly more than once. */
  readonly onEnd?: () => void;
  readonly pollMs?: number;
  readonly maxMs?: number;
}

interface ExportEvent {
  readonly id: string;
  readonly at: string;
  readonly status: ExportState['status'];
  readonly reason: string | null;
  readonly progress: Progress;
  readonly deletion: ExportState['deletion'];
}

const heartbeatMs = 15_000;

/** Clients reconnect after this time, since proxies and runtimes end longer responses. */
export const longestStreamMs = 600_000;

/** Sends `status` for each change of the status, and `progress` in between. Ends with the export. */
export function createEventStream(
  state: ExportState,
  options: EventStreamOptions,
): ReadableStream<Uint8Array> {
  const events = toEvents(state, options);
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await events.next();
      if (!done) return controller.enqueue(encoder.encode(value));
      controller.close();
      options.onEnd?.();
    },
    async cancel() {
      options.onEnd?.();
      await events.return(undefined);
    },
  });
}

async function* toEvents(first: ExportState, options: EventStreamOptions): AsyncGenerator<string, undefined> {
  const { ledger, signal, pollMs = 1000, maxMs = longestStreamMs } = options;
  const startedAt = performance.now();
  let sentAt = startedAt;
  // An ID from the future is not one of this export.
  let after = options.after > first.sequence ? 0 : options.after;
  yield 'retry: 2000\n\n';
  for (let state: ExportState | null = first; state; state = await ledger.read(first.id).catch(() => null)) {
    const text = toNews(state, after);
    if (text !== '') {
      after = state.sequence;
      sentAt = performance.now();
      yield text;
    } else if (performance.now() - sentAt > heartbeatMs) {
      sentAt = performance.now();
      yield ': still there\n\n';
    }
    if (!isActive(state) && state.status !== 'paused') return;
    if (signal.aborted || performance.now() - startedAt > maxMs) return;
    await sleep(pollMs, signal).catch(() => {});
    if (signal.aborted) return;
  }
}

function toNews(state: ExportState, after: number): string {
  const { id, deletion } = state;
  const entries = state.history.filter(({ sequence }) => sequence > after);
  const texts = entries.map(({ sequence, ...entry }) =>
    toText('status', sequence, { id, ...entry, reason: toType(entry.reason), deletion: null }),
  );
  const isTold = entries.at(-1)?.sequence === state.sequence || state.sequence <= after;
  if (isTold) return texts.join('');
  const { sequence, status, reason, progress } = state;
  const now = { id, at: new Date().toISOString(), status, reason: toType(reason), progress, deletion };
  return [...texts, toText('progress', sequence, now)].join('');
}

function toText(event: 'status' | 'progress', sequence: number, data: ExportEvent): string {
  return `id: ${sequence}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function toType(slug: string | null): string | null {
  return slug && `/problems/${slug}`;
}
