/** Waits until a sender has stopped, since its reader does not read. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Between two of the looks below, in which this process sends and receives. In milliseconds. */
const pauseMs = 20;
/** As many looks in a row that see the same. Looks, not time: a process that gets no CPU looks still. */
const looks = 15;

/** Resolves with the bytes that were sent, once the sender has begun and sends no more. */
export async function untilStill(sentBytes: () => number): Promise<number> {
  let before = 0;
  for (let same = 0; same < looks; ) {
    await sleep(pauseMs);
    const sent = sentBytes();
    same = sent > 0 && sent === before ? same + 1 : 0;
    before = sent;
  }
  return before;
}
