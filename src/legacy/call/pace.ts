/** Ends a stream whose client reads too slowly, so that its slot is free for others. */

export interface Pace {
  /** The legacy service is waited for: this time is not the client's. */
  wait(): void;
  /** So many bytes came from the legacy service, which it sends no faster than the client takes them. */
  received(bytes: number): void;
  clear(): void;
}

export interface PaceOptions {
  /** What a client takes at least; 0 lets it take any time. */
  readonly minBytesPerSecond: number;
  /** Whether calls wait for a slot. */
  readonly isContended: () => boolean;
  readonly onSlow: () => void;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/** A client is measured over so much time of its own; the system's buffers take megabytes at the beginning. */
const windowMs = 2000;

/** A client that is slow for so long is disconnected if calls wait: players fill a buffer, pause, and fill it again. */
const contendedMs = 10_000;

/** A client that is slow for so long is disconnected although no call waits: a player that was paused for longer asks for the rest again. */
const longestMs = 120_000;

const tickMs = 1000;

/** Started when a client begins to read. Looks once a second, since a timer for each chunk costs more than the chunk. */
export function createPace({ minBytesPerSecond, isContended, onSlow, now = Date.now }: PaceOptions): Pace {
  /** Of the current window. */
  let bytes = 0;
  let clientMs = 0;
  /** In all windows since the last one in which the client was fast enough. */
  let slowMs = 0;
  let clientSince: number | null = now();

  function measure(): void {
    const time = now();
    if (clientSince !== null) {
      clientMs += time - clientSince;
      clientSince = time;
    }
    if (clientMs < windowMs) return;
    const isSlow = bytes * 1000 < minBytesPerSecond * clientMs;
    slowMs = isSlow ? slowMs + clientMs : 0;
    bytes = 0;
    clientMs = 0;
  }

  function tick(): void {
    measure();
    const patienceMs = isContended() ? contendedMs : longestMs;
    if (slowMs < patienceMs) return;
    clear();
    onSlow();
  }

  const timer = minBytesPerSecond > 0 ? setInterval(tick, tickMs) : null;
  function clear(): void {
    if (timer !== null) clearInterval(timer);
  }

  return {
    wait() {
      measure();
      clientSince = null;
    },
    received(count) {
      bytes += count;
      clientSince ??= now();
    },
    clear,
  };
}
