/** Settles a removal whose response was lost or is unreadable. */

import { LegacyError } from '../failure.ts';
import { NotSentError } from '../transport.ts';
import type { CallContext, Download } from './context.ts';

/** Whether the legacy service may have removed the recording although the call failed. */
export function mayHaveSucceeded(error: unknown): boolean {
  if (!(error instanceof LegacyError) || error.cause instanceof NotSentError) return false;
  const { failure } = error;
  if (failure.kind === 'invalid-response') return failure.status < 300 || failure.status >= 500;
  return failure.kind === 'unreachable' || failure.kind === 'timeout';
}

/** Requests the audio without reading it. */
export async function isGone(sid: string, download: Download, context: CallContext): Promise<boolean> {
  try {
    const found = await download({ sid, format: 'wav', sample_rate: 8000 }, context);
    if (found.kind === 'audio') await found.body.cancel();
    return false;
  } catch (error) {
    return error instanceof LegacyError && error.failure.kind === 'file-not-found';
  }
}
