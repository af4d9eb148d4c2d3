/** A signal for calls with unverified keys: they go on to learn the verdict when the client disconnects early. */

export interface VerdictSignal {
  readonly signal: AbortSignal;
  /** The verdict is known, or the request is over: from now on the signal follows the client's. */
  settle(): void;
  /** Resolves with `settle`, for runtimes that stop the work of a disconnected client. */
  readonly settled: Promise<void>;
}

/** How long a call goes on without its client. */
const graceMs = 15_000;

/** `isSent` tells whether a call is on its way: without one there is no verdict to wait for. */
export function createVerdictSignal(client: AbortSignal, isSent: () => boolean): VerdictSignal {
  const controller = new AbortController();
  const { promise: settled, resolve } = Promise.withResolvers<void>();
  let isSettled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const abort = () => controller.abort(client.reason);

  function follow(): void {
    if (isSettled || !isSent()) abort();
    else timer = setTimeout(abort, graceMs);
  }
  if (client.aborted) abort();
  else client.addEventListener('abort', follow, { once: true });

  return {
    signal: controller.signal,
    settled,
    settle() {
      isSettled = true;
      clearTimeout(timer);
      resolve();
      if (client.aborted) abort();
    },
  };
}
