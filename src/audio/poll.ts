/** Polls until audio is ready or the caller's time is up. Requests that wait for the same audio share one poll. */
import QuickLRU from 'quick-lru';
import type { Caller } from '../auth/caller.ts';
import { LegacyError } from '../legacy/failure.ts';
import { createConcurrencyLimit } from '../primitives/concurrency-limit.ts';
import { sleep } from '../primitives/sleep.ts';

const firstPauseMs = 500;
const longestPauseMs = 10_000;
const growth = 1.5;
/** Time reserved for the last call. */
const lastCallMs = 500;

/** How often a request checks whether another request's call has ended. */
const lookMs = 100;
/** On Workers, a call whose client has disconnected may never end, so another request takes over after this time. */
const takeOverMs = 15_000;

/** Most waiting requests per caller. Further ones do not wait: a preference may be ignored (RFC 7240, section 2). */
const maxWaitsPerCaller = 20;
/** Of all links of an account, since each new link is a new caller. */
const maxWaitsOfLinks = 100;

/** The least number of polls to remember; at most twice as many are kept. A dropped poll continues by itself. */
const maxPolls = 1000;

export interface Processing {
  readonly kind: 'processing';
  /** In seconds; null if the legacy service does not say. */
  readonly retryAfter: number | null;
  /** The caller has too many waiting requests, so this one did not wait. */
  readonly isUnwaited?: boolean;
}

interface Waiting {
  /** Identifies the audio: requests with the same name wait together. */
  readonly name: string;
  readonly caller: Pick<Caller, 'subject' | 'accountId' | 'authMethod'>;
  readonly limitMs: number;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
}

export interface Polls {
  /**
   * Resolves with the first response that is not `processing`, or with the last one that is. Calls no sooner than the
   * legacy service asked for, and stops if that is later than the time left. The signal passed to `ask` ends with the
   * client and with the time. Rejects with the error of `ask`, and with a LegacyError if the client disconnects between
   * calls.
   */
  wait<Result extends { readonly kind: string }>(
    ask: (signal: AbortSignal) => Promise<Result | Processing>,
    waiting: Waiting,
  ): Promise<Result | Processing>;
}

/** State that requests share by reading it: on Workers a promise ends with the request that created it. */
interface Poll {
  /** The last response; null before the first. */
  last: Processing | null;
  /** When the last call ended. */
  askedAt: number;
  pauseMs: number;
  /** When the next call is due, and when the legacy service allows it. */
  dueAt: number;
  notBefore: number;
  askingSince: number | null;
  /** A request has found the audio, so each of the others fetches it for itself. */
  isReady: boolean;
}

/** All times are milliseconds of one clock. */
export function createPolls(now: () => number = () => performance.now()): Polls {
  const polls = new QuickLRU<string, Poll>({ maxSize: maxPolls });
  const waits = createConcurrencyLimit({ limit: maxWaitsPerCaller, now });
  const waitsOfLinks = createConcurrencyLimit({ limit: maxWaitsOfLinks, now });

  /** Null if the caller has too many waiting requests. */
  function begin({ caller, limitMs }: Waiting): (() => void) | null {
    const longestMs = limitMs + takeOverMs;
    const end = waits.begin(caller.subject, longestMs);
    if (!end || caller.authMethod !== 'link') return end;
    const endOfLinks = waitsOfLinks.begin(caller.accountId, longestMs);
    if (!endOfLinks) {
      end();
      return null;
    }
    return () => {
      end();
      endOfLinks();
    };
  }

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

  /** Null if the time was up first. */
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
    async wait(ask, waiting) {
      const { name, limitMs, signal } = waiting;
      const done = begin(waiting);
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

/** Null after the last call that this request has time for. */
function toDueAt({ last, askedAt, dueAt, notBefore }: Poll, end: number): number | null {
  if (!last) return dueAt;
  const at = Math.max(Math.min(dueAt, end - lastCallMs), notBefore);
  // The requests' end times differ slightly; one call serves them all.
  return at - askedAt > lookMs ? at : null;
}

function isProcessing(response: { readonly kind: string }): response is Processing {
  return response.kind === 'processing';
}

/** Null if the time is up first. A response that arrived in time is not interrupted. */
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
