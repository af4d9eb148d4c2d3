/** Work that continues after its response; a shutdown waits for it. */

export interface Background {
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Resolves when all work has ended, or at the limit. */
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
