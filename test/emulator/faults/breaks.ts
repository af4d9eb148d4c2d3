/** Faults in the timing and length of a connection: late, slow, stalled, broken. */
import type { Answer } from '../answer.ts';
import { type Bytes, type Chunks, take } from '../bytes.ts';
import { ConnectionBroken } from '../connection.ts';
import { all, downloadOnly, type Fault, type FaultContext, pause, stall, strikePoint } from './fault.ts';

type How = ConnectionBroken['how'];

async function* breakAfter(answer: Answer, length: number, how: How): AsyncGenerator<Bytes, void> {
  yield* take(answer.chunks, length);
  throw new ConnectionBroken(how);
}

function broken(description: string, how: How, declared?: boolean): Fault {
  return {
    description: `${description} (setting at)`,
    actions: all,
    async apply({ answer, settings }: FaultContext) {
      const right = await answer();
      const chunks = breakAfter(right, strikePoint(right, settings), how);
      return { ...right, chunks, declared: declared ?? right.declared };
    },
  };
}

function neverAnswers(description: string, how: How, work: boolean): Fault {
  return {
    description,
    actions: all,
    async apply({ answer }) {
      if (work) await answer();
      throw new ConnectionBroken(how);
    },
  };
}

async function* stallAfter(answer: Answer, length: number, closed: AbortSignal): AsyncGenerator<Bytes, void> {
  yield* take(answer.chunks, length);
  await stall(closed);
}

/** The first `count` bytes one at a time, then the rest unchanged. */
async function* byteWise(
  chunks: Chunks,
  count: number,
  before: () => Promise<void> | void,
): AsyncGenerator<Bytes, void> {
  for await (const chunk of chunks) {
    const single = Math.min(count, chunk.length);
    count -= single;
    for (let index = 0; index < single; index++) {
      await before();
      yield chunk.slice(index, index + 1);
    }
    if (single < chunk.length) yield chunk.slice(single);
  }
}

export const breakFaults = {
  'slow-first-byte': {
    description: 'the correct response after delayMs (a second)',
    actions: all,
    async apply({ answer, settings, closed }) {
      await pause(settings.delayMs ?? 1000, closed);
      return answer();
    },
  },
  'stall-before-answer': {
    description: 'no response while the caller waits; the work is not done',
    actions: all,
    async apply({ closed }) {
      await stall(closed);
      throw new ConnectionBroken('close');
    },
  },
  'stall-midway': {
    description: 'the response stops (setting at) and the connection stays open',
    actions: all,
    async apply({ answer, settings, closed }) {
      const right = await answer();
      return { ...right, chunks: stallAfter(right, strikePoint(right, settings), closed) };
    },
  },
  'slow-trickle': {
    description: 'a byte every delayMs (10)',
    actions: all,
    async apply({ answer, settings, closed }) {
      const right = await answer();
      const wait = () => pause(settings.delayMs ?? 10, closed);
      return { ...right, chunks: byteWise(right.chunks, Number.POSITIVE_INFINITY, wait) };
    },
  },
  'chunked-one-byte': {
    description: 'the first 4,096 bytes in one chunk each, without a length',
    actions: all,
    async apply({ answer }) {
      const right = await answer();
      return { ...right, chunks: byteWise(right.chunks, 4096, () => {}), declared: false };
    },
  },
  'reset-before-answer': neverAnswers('a reset instead of a response; the work is not done', 'reset', false),
  'reset-after-work': neverAnswers('a reset instead of a response; the work is done', 'reset', true),
  'close-before-answer': neverAnswers(
    'an orderly close instead of a response; the work is not done',
    'close',
    false,
  ),
  'reset-midway': broken('a reset in the middle', 'reset'),
  'close-midway': broken('an orderly close in the middle', 'close'),
  'cut-audio-with-length': {
    ...broken('audio shorter than its Content-Length', 'close', true),
    actions: downloadOnly,
  },
  'cut-audio-without-length': {
    ...broken('audio in chunks, the last of which never arrives', 'close', false),
    actions: downloadOnly,
  },
  'audio-longer-than-length': {
    description: 'a Content-Length that omits the last part of the audio (setting at)',
    actions: downloadOnly,
    async apply({ answer, settings }) {
      const right = await answer();
      return { ...right, length: strikePoint(right, settings), declared: true };
    },
  },
  'audio-without-length': {
    description: 'correct, complete audio in chunks',
    actions: downloadOnly,
    apply: async ({ answer }) => ({ ...(await answer()), declared: false }),
  },
} as const satisfies Record<string, Fault>;
