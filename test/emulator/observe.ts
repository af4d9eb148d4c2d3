/** Observes a response for a while and records it. */
import type { Seen } from './evidence.ts';

/**
 * How long a response may be silent before it counts as stalled, in milliseconds; its start may need an encoder's
 * time.
 */
const patience = 300;
const patienceAtFirst = 1000;
const enough = 4 * 1024 * 1024;

type Observed = Pick<Seen, 'status' | 'headers' | 'bytes' | 'end' | 'wait' | 'pieces'>;

/** `ask` gets a signal that tells it to give up. */
export async function observe(ask: (signal: AbortSignal) => Promise<Response>): Promise<Observed> {
  const controller = new AbortController();
  const startedAt = performance.now();
  const none = { status: null, headers: new Headers(), bytes: new Uint8Array(), pieces: 0 };
  const answer = await settle(ask(controller.signal), patienceAtFirst);
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
  const deadline = performance.now() + 3 * patience;
  while (reader) {
    const next = await settle(reader.read());
    if (typeof next === 'string') end = next;
    else if (performance.now() > deadline) end = 'stalled';
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

async function settle<T>(promise: Promise<T>, milliseconds = patience): Promise<T | 'broken' | 'stalled'> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<'stalled'>((resolve) => {
    timer = setTimeout(() => resolve('stalled'), milliseconds);
  });
  const outcome = await Promise.race([promise.catch(() => 'broken' as const), timeout]);
  clearTimeout(timer);
  return outcome;
}
