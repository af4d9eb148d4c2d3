/** Connections to the legacy service for all calls but downloads. */
import { Pool } from 'undici';
import type { Config } from '../config.ts';
import { maxHeaderSize } from './lenient-request.ts';

export function createLegacyPool({ url, deadlines }: Config['legacy']): Pool {
  return new Pool(url.origin, {
    connect: { timeout: deadlines.connect },
    // Its own times are switched off: the deadlines of each call are finer.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize,
  });
}
