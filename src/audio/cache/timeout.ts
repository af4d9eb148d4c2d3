/** How long anybody waits for the store: it is there to help, and the legacy service has the audio as well. */

/** Of one call, in milliseconds. */
export const storeTimeoutMs = 5000;

/** Rejects when it has taken longer, in milliseconds; what comes after all is nobody's then. */
export async function withTimeout<Value>(limit: number, work: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('too slow')), limit);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
