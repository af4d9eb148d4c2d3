/**
 * A signal for calls with unverified keys: if the client disconnects early, the call continues until its verdict is
 * known.
 */

export interface VerdictSignal {
  readonly signal: AbortSignal;
  /** The verdict is known or the request has ended: from now on the signal follows the client's. */
  settle(): void;
  /** Resolves on `settle`, for runtimes that stop the work of a disconnected client. */
  readonly settled: Promise<void>;
}

/** How long a call continues without its client. */
const graceMs = 15_000;

/** `isSent` tells whether a call was sent; without one there is no verdict to wait for. */
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
