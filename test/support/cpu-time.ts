/** The CPU time of work on this thread, which other processes on a busy machine do not lengthen. */

/** In milliseconds. */
export function measureCpu<Result>(work: () => Result): { readonly result: Result; readonly cpuMs: number } {
  const before = process.threadCpuUsage();
  const result = work();
  const { user, system } = process.threadCpuUsage(before);
  return { result, cpuMs: (user + system) / 1000 };
}
