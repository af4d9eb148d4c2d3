/** Follows an export by its events, and by polling where no event comes through. */
import { type ExportDeletion, type ExportProgress, getExportEvents } from '../../dist/client/index.ts';
import { client } from './gateway.ts';

export interface Followed {
  readonly id: string;
  readonly signal: AbortSignal;
  readonly onProgress: (news: Progress) => void;
  /** Requests the export; false when there is nothing more to follow. */
  readonly refresh: () => Promise<boolean>;
}

interface Progress {
  readonly progress: ExportProgress;
  readonly deletion: ExportDeletion;
}

/** A proxy may hold events back without closing the response: after this silence the panel polls. */
const silenceMs = 10_000;
const reconnectMs = 2000;
/** The history comes as many events at once, and one look at the export covers them. */
const settleMs = 50;

/** Resolves when the export has ended, or on `signal`. */
export async function follow({ id, signal, onProgress, refresh }: Followed): Promise<void> {
  let lastEventId: string | null = null;
  let heardAtMs = performance.now();
  let isRefreshing = false;
  const refreshSoon = async () => {
    if (isRefreshing) return;
    isRefreshing = true;
    await sleep(settleMs, signal);
    isRefreshing = false;
    if (!signal.aborted) await refresh();
  };
  const watch = setInterval(() => {
    if (performance.now() - heardAtMs < silenceMs) return;
    heardAtMs = performance.now();
    void refresh();
  }, silenceMs / 2);
  try {
    while (!signal.aborted) {
      const { stream } = await getExportEvents({
        client,
        path: { export_id: id },
        signal,
        headers: lastEventId === null ? {} : { 'Last-Event-ID': lastEventId },
        sseMaxRetryAttempts: 1,
        onSseEvent({ event, id: eventId, data }) {
          lastEventId = eventId ?? lastEventId;
          heardAtMs = performance.now();
          // Old changes of the status are replayed, so that they say only that there is something to look at.
          if (event === 'status') void refreshSoon();
          else if (isProgress(data)) onProgress(data);
        },
      });
      for await (const _ of stream) if (signal.aborted) return;
      if (signal.aborted || !(await refresh())) return;
      await sleep(reconnectMs, signal);
    }
  } finally {
    clearInterval(watch);
  }
}

function isProgress(data: unknown): data is Progress {
  return typeof data === 'object' && data !== null && 'progress' in data && 'deletion' in data;
}

/** Resolves early on `signal`. */
function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
