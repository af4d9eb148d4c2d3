/** Observes a response for a while and records it. */
import type { Seen } from './evidence.ts';

/**
 * Looks at a silent response before it counts as stalled. Each lets the process send and receive, so a process that
 * gets no CPU does not make a response stall.
 */
const looks = 30;
/** Between two looks, in milliseconds. */
const pauseMs = 10;
/** Of a response that never falls silent and hardly advances: the looks at it, and the bytes by then. */
const trickle = { looks, bytes: 60 };
const enough = 4 * 1024 * 1024;

type Observed = Pick<Seen, 'status' | 'headers' | 'bytes' | 'end' | 'wait' | 'pieces'>;

/** `ask` gets a signal that tells it to give up. */
export async function observe(ask: (signal: AbortSignal) => Promise<Response>): Promise<Observed> {
  const controller = new AbortController();
  const startedAt = performance.now();
  const none = { status: null, headers: new Headers(), bytes: new Uint8Array(), pieces: 0 };
  const answer = await settle(ask(controller.signal));
  const wait = performance.now() - startedAt;
  if (!(answer instanceof Response)) {
    controller.abort();
    return { ...none, end: answer, wait };
  }
  const { bytes, end, pieces } = await observeBody(answer);
  controller.abort();
  return { status: answer.status, headers: answer.headers, bytes, end, wait, pieces };
}

async function observeBody({ body }: Response): Promise<Pick<Seen, 'bytes' | 'end' | 'pieces'>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  let end: Seen['end'] = 'complete';
  const reader = body?.getReader();
  let seen = 0;
  while (reader) {
    const next = await settle(reader.read(), () => {
      seen += 1;
    });
    if (typeof next === 'string') end = next;
    else if (seen > trickle.looks && length < trickle.bytes) end = 'stalled';
    else if (length > enough) end = 'endless';
    else if (!next.done) {
      parts.push(next.value);
      length += next.value.length;
      continue;
    }
    await reader.cancel().catch(() => {});
    break;
  }
  const bytes = new Uint8Array(await new Blob(parts.map((part) => part.slice())).arrayBuffer());
  return { bytes, end, pieces: parts.length };
}

async function settle<T>(promise: Promise<T>, onLook = () => {}): Promise<T | 'broken' | 'stalled'> {
  let left = looks;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<'stalled'>((resolve) => {
    const look = () => {
      onLook();
      left -= 1;
      if (left === 0) return resolve('stalled');
      timer = setTimeout(look, pauseMs);
    };
    timer = setTimeout(look, pauseMs);
  });
  const outcome = await Promise.race([promise.catch(() => 'broken' as const), silence]);
  clearTimeout(timer);
  return outcome;
}
