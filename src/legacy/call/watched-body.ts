/** A response body under a call's timeouts: each wait is limited, each byte counted, and its end ends the call. */
import { type Clock, type LegacyBody, ShortBodyError } from '../transport.ts';
import type { Deadline } from './deadline.ts';
import type { Pace } from './pace.ts';
import type { CallTrace } from './trace.ts';

interface Watch {
  readonly deadline: Deadline;
  readonly trace: CallTrace;
  /** Ends the call. `cause` is what interrupted the body. */
  readonly end: (cause?: unknown) => void;
  /** Null until a client reads. */
  readonly pace: () => Pace | null;
}

export function watchBody(body: LegacyBody, { deadline, trace, end, pace }: Watch): LegacyBody {
  const clock: Clock = {
    wait() {
      deadline.wait();
      pace()?.wait();
    },
    received(bytes) {
      trace.bytes += bytes;
      deadline.received();
      pace()?.received(bytes);
    },
    clear: end,
  };
  async function waited<T>(wait: Promise<T>): Promise<T> {
    clock.wait();
    try {
      return await wait;
    } catch (cause) {
      throw cause instanceof ShortBodyError ? cause : deadline.toError(cause);
    } finally {
      clock.received(0);
    }
  }
  return {
    async read() {
      const chunk = await waited(body.read());
      clock.received(chunk?.length ?? 0);
      return chunk;
    },
    skip: (bytes) =>
      waited(
        body.skip(bytes, (skipped) => {
          trace.skippedBytes += skipped;
          clock.received(skipped);
          clock.wait();
        }),
      ),
    relay: (options) => body.relay({ ...options, clock, signal: deadline.signal }),
    async cancel() {
      await body.cancel();
      end();
    },
  };
}
