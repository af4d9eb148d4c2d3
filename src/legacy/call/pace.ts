/** Ends a stream whose client reads too slowly, which frees its slot for others. */

export interface Pace {
  /** The stream waits for the legacy service; this time is not charged to the client. */
  wait(): void;
  /** Bytes arrived from the legacy service, which sends no faster than the client reads. */
  received(bytes: number): void;
  clear(): void;
}

export interface PaceOptions {
  /** Slowest rate at which a client may read; 0 disables the limit. */
  readonly minBytesPerSecond: number;
  /** Whether calls wait for a slot. */
  readonly isContended: () => boolean;
  readonly onSlow: () => void;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
}

/** A client's rate is measured over this much of its own time; at first, the system's buffers take megabytes. */
const windowMs = 2000;

/** A client that is slow for this long is disconnected if calls wait: players fill a buffer, pause, and fill it again. */
const contendedMs = 10_000;

/**
 * A client that is slow for this long is disconnected in any case. A player paused for longer requests the rest
 * again.
 */
const longestMs = 120_000;

const tickMs = 1000;

/** Starts when a client begins to read. Checks once a second, since a timer per chunk costs more than the chunk. */
export function createPace({ minBytesPerSecond, isContended, onSlow, now = Date.now }: PaceOptions): Pace {
  /** In the current window. */
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
    const limitMs = isContended() ? contendedMs : longestMs;
    if (slowMs < limitMs) return;
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
