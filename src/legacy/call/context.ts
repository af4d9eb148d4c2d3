/** The caller behind a legacy call, and the download call that this folder makes itself. */
import type { RangeSpec } from '../../http/range.ts';
import type { TraceContext } from '../../http/trace-context.ts';
import type { LegacyFailure } from '../failure.ts';
import type { LegacyDownload } from '../response/download.ts';
import type { LegacyActions, LegacyCredentials } from '../wire.ts';
import type { CallTrace } from './trace.ts';

/**
 * The part of a request that the legacy client reads; the gateway's `RequestContext` has this shape. The trace
 * context is sent upstream.
 */
export interface CallContext extends TraceContext {
  readonly caller: LegacyCaller;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
  readonly trace?: CallTrace | undefined;
  /** Called with the outcome of each attempt, null for success, even after the client has disconnected. */
  readonly onOutcome?: ((failure: LegacyFailure | null) => void) | undefined;
}

interface LegacyCaller {
  readonly credentials: LegacyCredentials;
  /** Digest of the credentials, one per account. */
  readonly accountId: string;
  /** Separates an account's callers: its owner, subjects of an identity provider, audio links. */
  readonly subject: string;
}

/** The legacy service may ignore `range`. Throws LegacyError. */
export type Download = (
  parameters: LegacyActions['recording.download'],
  context: CallContext,
  range?: RangeSpec | null,
) => Promise<LegacyDownload>;
