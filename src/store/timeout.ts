/** Limits how long a request waits for the store. */

/** For one call: the store only helps, and the legacy service has the audio as well. */
export const storeTimeoutMs = 5000;

/** Rejects after the limit; a result that arrives later is discarded. */
export async function withTimeout<Value>(limitMs: number, work: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('too slow')), limitMs);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
