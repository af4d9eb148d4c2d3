/** Server-sent events, as WHATWG HTML 9.2.6 reads them, as far as the gateway uses it: one line of data for each event. */

export interface ServerEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

/** In milliseconds. The gateway sends at least a comment in this time, unless a proxy holds it back. */
const silenceMs = 20_000;

/** The events that came together; null after each silence, in which a proxy may hold events back. */
export async function* readBatches(
  open: () => Promise<Response>,
): AsyncGenerator<readonly ServerEvent[] | null, void, undefined> {
  const opening = open();
  // It may fail after its reader has left.
  opening.catch(() => {});
  const response = yield* nullUntil(opening);
  // React Native has no streams.
  if (!response.body) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = yield* nullUntil(reader.read());
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      const events = blocks.flatMap(toEvents);
      if (events.length > 0) yield events;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** None for comments. */
function toEvents(block: string): ServerEvent[] {
  const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1] ?? '';
  const data = field('data');
  return data === '' ? [] : [{ id: field('id'), type: field('event'), data }];
}

async function* nullUntil<Value>(work: Promise<Value>): AsyncGenerator<null, Value, undefined> {
  for (;;) {
    const value = await orSilence(work);
    if (value !== null) return value;
    yield null;
  }
}

/** Null if it takes too long. */
function orSilence<Value>(work: Promise<Value>): Promise<Value | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), silenceMs);
    const settle = <Result>(act: (result: Result) => void) => {
      return (result: Result) => {
        clearTimeout(timer);
        act(result);
      };
    };
    work.then(settle(resolve), settle(reject));
  });
}
