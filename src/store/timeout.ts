/** Limits how long a request waits for the store. */

/** Per call. Short, because the legacy service has the audio too. */
export const storeTimeoutMs = 5000;

/** Rejects after the limit; a result that arrives later is discarded. */
export async function withTimeout<Value>(limitMs: number, work: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DOMException('too slow', 'TimeoutError')), limitMs);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
