/** Asks again until audio is there or the caller's time is up: one poll for all requests that wait for the same audio. */
import QuickLRU from 'quick-lru';
import { LegacyError } from '../legacy/failure.ts';
import { sleep } from '../primitives/sleep.ts';

const firstPauseMs = 500;
const longestPauseMs = 10_000;
const growth = 1.5;
/** What the last call gets of the caller's time. */
const lastCallMs = 500;

/** How often a request looks whether another one's call has ended. */
const lookMs = 100;
/** A call on Workers whose client has disconnected may never end, so that another request takes over after this time. */
const takeOverMs = 15_000;

/** Requests that one caller may have waiting; a preference may be ignored (RFC 7240, section 2), so further ones do not wait. */
const maxWaitsPerCaller = 20;

/** Polls that are remembered at least, at most twice as many. A forgotten one goes on by itself. */
const maxPolls = 1000;
const maxCallers = 10_000;

export interface Processing {
  readonly kind: 'processing';
  /** In seconds; null where the legacy does not say. */
  readonly retryAfter: number | null;
  /** The caller has too many requests that wait, so that this one did not. */
  readonly isUnwaited?: boolean;
}

interface Waiting {
  /** Names the audio: requests with the same name wait together. */
  readonly name: string;
  readonly caller: string;
  readonly limitMs: number;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
}

export interface Polls {
  /**
   * The first response that is not `processing`, or the last one that is. Asks no sooner than the legacy service wished, so
   * not at all again where it wished for more than is left. `ask` gets a signal that ends with the client, and with the time.
   * Rejects with what `ask` rejects with, and with a LegacyError when the client disconnects in a pause.
   */
  wait<Result extends { readonly kind: string }>(
    ask: (signal: AbortSignal) => Promise<Result | Processing>,
    waiting: Waiting,
  ): Promise<Result | Processing>;
}

/** What requests know together, by looking: on Workers a promise ends with the request that it belongs to. */
interface Poll {
  /** The last response; null before the first. */
  last: Processing | null;
  /** Of the last call, its end. */
  askedAt: number;
  pauseMs: number;
  /** When the next call is due, and when the legacy service allows it. */
  dueAt: number;
  notBefore: number;
  askingSince: number | null;
  /** A request has found the audio: the others fetch it too, each for itself. */
  isReady: boolean;
}

/** All times in milliseconds of one clock. */
export function createPolls(now: () => number = () => performance.now()): Polls {
  const polls = new QuickLRU<string, Poll>({ maxSize: maxPolls });
  const waits = createWaits(now);

  function find(name: string): Poll {
    const known = polls.get(name);
    if (known && now() - known.askedAt < 2 * longestPauseMs) return known;
    const times = { askedAt: now(), dueAt: 0, notBefore: 0, askingSince: null };
    const poll = { ...times, last: null, pauseMs: firstPauseMs, isReady: false };
    polls.set(name, poll);
    return poll;
  }

  function learn(poll: Poll, response: Processing | null): void {
    poll.askedAt = now();
    poll.dueAt = poll.askedAt + poll.pauseMs;
    poll.notBefore = poll.askedAt + (response?.retryAfter ?? 0) * 1000;
    poll.pauseMs = Math.min(poll.pauseMs * growth, longestPauseMs);
    poll.last = response ?? poll.last;
  }

  /** Null where the time was up first. */
  async function call<Result extends { readonly kind: string }>(
    poll: Poll,
    ask: () => Promise<Result | Processing | null>,
  ): Promise<Result | Processing | null> {
    const since = now();
    poll.askingSince = since;
    try {
      const response = await ask();
      if (response && !isProcessing(response)) poll.isReady = true;
      else learn(poll, response);
      return response;
    } catch (error) {
      learn(poll, null);
      throw error;
    } finally {
      if (poll.askingSince === since) poll.askingSince = null;
    }
  }

  return {
    async wait(ask, { name, caller, limitMs, signal }) {
      const done = waits.begin(caller, limitMs);
      if (!done) {
        const found = await ask(signal);
        return isProcessing(found) ? { ...found, isUnwaited: true } : found;
      }
      const end = now() + limitMs;
      const poll = find(name);
      try {
        for (;;) {
          const time = now();
          if (poll.isReady)
            return (await askUntil(end - time, ask, signal)) ?? poll.last ?? (await ask(signal));
          const isAsking = poll.askingSince !== null && time - poll.askingSince < takeOverMs;
          const dueAt = isAsking ? time + lookMs : toDueAt(poll, end);
          if (poll.last && (dueAt === null || dueAt >= end)) return poll.last;
          if (dueAt !== null && dueAt > time) {
            await pause(Math.ceil(dueAt - time), signal);
            continue;
          }
          const isFirst = poll.last === null;
          const found = await call(poll, () => (isFirst ? ask(signal) : askUntil(end - time, ask, signal)));
          if (found && !isProcessing(found)) return found;
        }
      } finally {
        if (poll.isReady) polls.delete(name);
        done();
      }
    },
  };
}

/** Null where the last call that this request has time for was made. */
function toDueAt({ last, askedAt, dueAt, notBefore }: Poll, end: number): number | null {
  if (!last) return dueAt;
  const at = Math.max(Math.min(dueAt, end - lastCallMs), notBefore);
  // The requests' times differ a little, and one call serves them.
  return at - askedAt > lookMs ? at : null;
}

/** Counts the requests of each caller that wait; one that never reports its end counts for its time. */
function createWaits(now: () => number) {
  const callers = new QuickLRU<string, Set<{ readonly until: number }>>({ maxSize: maxCallers });
  return {
    /** Null where the caller has too many already. */
    begin(caller: string, limitMs: number): (() => void) | null {
      const waits = callers.get(caller) ?? new Set();
      for (const wait of waits) if (wait.until < now()) waits.delete(wait);
      if (waits.size >= maxWaitsPerCaller) return null;
      const wait = { until: now() + limitMs + takeOverMs };
      callers.set(caller, waits.add(wait));
      return () => waits.delete(wait);
    },
  };
}

function isProcessing(response: { readonly kind: string }): response is Processing {
  return response.kind === 'processing';
}

/** Null where the time is up first. A response that came in time is not cut short by it. */
async function askUntil<Result>(
  leftMs: number,
  ask: (signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result | null> {
  const time = new AbortController();
  const timer = setTimeout(() => time.abort(), Math.max(leftMs, 0));
  try {
    return await ask(AbortSignal.any([signal, time.signal]));
  } catch (cause) {
    if (time.signal.aborted && !signal.aborted) return null;
    throw cause;
  } finally {
    clearTimeout(timer);
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, signal).catch((cause) => {
    throw new LegacyError({ kind: 'abandoned' }, { cause });
  });
}
