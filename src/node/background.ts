/** Work that goes on after its response; a stop waits for it. */

export interface Background {
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Resolves when all of it has ended, or after the limit. */
  settle(limitMs: number): Promise<void>;
}

export function createBackground(): Background {
  const running = new Set<Promise<unknown>>();
  return {
    waitUntil(work) {
      const ended = work.catch(() => {}).finally(() => running.delete(ended));
      running.add(ended);
    },
    async settle(limitMs) {
      const late = new Promise((resolve) => setTimeout(resolve, limitMs).unref());
      await Promise.race([Promise.all(running), late]);
    },
  };
}
