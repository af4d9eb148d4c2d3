/** Requests with an `Idempotency-Key`, which the gateway carries out at most once for each key. */
import type { Send } from './http.ts';
import { RecordingsProblem } from './problem.ts';
import { createKey, toKeyHeader, type UploadOptions } from './upload.ts';

export function createKeyed(send: Send) {
  /** Without a store, the gateway rejects every key and does nothing: the call is then repeated without its own key. */
  const sendKeyed = async <Result>(
    { idempotencyKey }: UploadOptions,
    post: (key: string | false) => Promise<Result>,
  ): Promise<Result> => {
    try {
      return await post(idempotencyKey ?? createKey());
    } catch (error) {
      const isOurs = idempotencyKey === undefined && error instanceof RecordingsProblem;
      if (isOurs && error.slug === 'idempotency-not-configured') return await post(false);
      throw error;
    }
  };

  return {
    sendKeyed,
    postKeyed: <Result>(path: string, content: object, options: UploadOptions = {}): Promise<Result> =>
      sendKeyed(options, async (key) => {
        const response = await send({
          method: 'POST',
          path,
          repetition: key === false ? 'once' : 'keyed',
          headers: { 'Content-Type': 'application/json', ...toKeyHeader(key) },
          body: JSON.stringify(content),
          signal: options.signal,
        });
        return response.json();
      }),
  };
}
