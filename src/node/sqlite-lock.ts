/** Tells an error of SQLite that passes once another process has ended its transaction. */

/** SQLITE_BUSY, in the low byte of its extended codes, perhaps as the cause of openworkflow's own error. */
export function isLocked(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('errcode' in error && typeof error.errcode === 'number') return (error.errcode & 0xff) === 5;
  return isLocked(error.cause);
}
