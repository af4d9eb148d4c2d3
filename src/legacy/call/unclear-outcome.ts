/** What became of a removal whose answer never came, or cannot be read. */

import { LegacyError } from '../failure.ts';
import { NotSentError } from '../transport.ts';
import type { CallContext, Download } from './context.ts';

/** Whether the legacy may have removed the recording, and nobody knows. */
export function mayHaveSucceeded(error: unknown): boolean {
  if (!(error instanceof LegacyError) || error.cause instanceof NotSentError) return false;
  const { failure } = error;
  if (failure.kind === 'invalid-response') return failure.status < 300 || failure.status >= 500;
  return failure.kind === 'unreachable' || failure.kind === 'timeout';
}

/** Asks for the audio, and takes none of it. */
export async function isGone(sid: string, download: Download, context: CallContext): Promise<boolean> {
  try {
    const found = await download({ sid, format: 'wav', sample_rate: 8000 }, context);
    if (found.kind === 'audio') await found.body.cancel();
    return false;
  } catch (error) {
    return error instanceof LegacyError && error.failure.kind === 'file-not-found';
  }
}
