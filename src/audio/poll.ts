/** Asks again and again, with growing pauses, until there is something or the caller's time is up. */

import { LegacyError } from '../legacy/failure.ts';

/** In milliseconds. */
const firstPause = 500;
const longestPause = 10_000;
const growth = 1.5;
/** What the last call gets of the caller's time. */
const lastCall = 500;

export interface Processing {
  readonly kind: 'processing';
  /** In seconds; null where the legacy does not say. */
  readonly retryAfter: number | null;
}

export interface WaitOptions {
  /** In milliseconds. */
  readonly limit: number;
  /** Aborted when the caller leaves. */
  readonly signal: AbortSignal;
}

/**
 * The first answer that is not `processing`, or the last one that is. Asks no sooner than the legacy wished, so not at
 * all again where it wished for more than is left. `ask` gets a signal that ends with the caller, and with the time.
 * Rejects with what `ask` rejects with, and with a LegacyError when the caller leaves in a pause.
 */
export async function waitFor<Answer extends { readonly kind: string }>(
  ask: (signal: AbortSignal) => Promise<Answer | Processing>,
  { limit, signal }: WaitOptions,
): Promise<Answer | Processing> {
  const end = performance.now() + limit;
  let answer = await ask(signal);
  for (let step = firstPause; isProcessing(answer); step = Math.min(step * growth, longestPause)) {
    const left = end - performance.now();
    const pause = Math.max(Math.min(step, left - lastCall), (answer.retryAfter ?? 0) * 1000);
    if (pause <= 0 || pause >= left) return answer;
    await sleep(pause, signal);
    answer = (await askUntil(end, ask, signal)) ?? answer;
  }
  return answer;
}

function isProcessing(answer: { readonly kind: string }): answer is Processing {
  return answer.kind === 'processing';
}

/** Null where the time is up first. What was answered in time is not cut short by it. */
async function askUntil<Answer>(
  end: number,
  ask: (signal: AbortSignal) => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer | null> {
  const time = new AbortController();
  const timer = setTimeout(() => time.abort(), end - performance.now());
  try {
    return await ask(AbortSignal.any([signal, time.signal]));
  } catch (cause) {
    if (time.signal.aborted && !signal.aborted) return null;
    throw cause;
  } finally {
    clearTimeout(timer);
  }
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer);
      reject(new LegacyError({ kind: 'abandoned' }, { cause: signal.reason }));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', leave);
      resolve();
    }, milliseconds);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
}
