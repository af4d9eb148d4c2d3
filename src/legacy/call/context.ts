/** In whose name the legacy is called, and the call that others in this folder make of their own. */
import type { LegacyDownload } from '../response/download.ts';
import type { LegacyActions, LegacyCredentials } from '../wire.ts';
import type { CallRecord } from './trace.ts';

export interface CallContext extends CallRecord {
  readonly credentials: LegacyCredentials;
  /** Aborted when the caller leaves. */
  readonly signal: AbortSignal;
}

export interface DownloadContext extends CallContext {
  /** One range, as it goes into `Range`: asked of the legacy too, which may or may not cut it. */
  readonly range?: string | null;
}

/** Throws LegacyError. */
export type Download = (
  parameters: LegacyActions['recording.download'],
  context: DownloadContext,
) => Promise<LegacyDownload>;
