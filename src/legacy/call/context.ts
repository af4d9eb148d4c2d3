/** On whose behalf the legacy service is called, and the call that others in this folder make of their own. */
import type { RangeSpec } from '../../http/range.ts';
import type { TraceContext } from '../../http/trace-context.ts';
import type { LegacyFailure } from '../failure.ts';
import type { LegacyDownload } from '../response/download.ts';
import type { LegacyActions, LegacyCredentials } from '../wire.ts';
import type { CallTrace } from './trace.ts';

/** The part of a request that the legacy client reads; the gateway's `RequestContext` has this shape. Its trace context travels on. */
export interface CallContext extends TraceContext {
  readonly caller: LegacyCaller;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
  readonly trace?: CallTrace | undefined;
  /** Called with the outcome of each attempt, null for success, even where the client has disconnected. */
  readonly onOutcome?: ((failure: LegacyFailure | null) => void) | undefined;
}

interface LegacyCaller {
  readonly credentials: LegacyCredentials;
  /** Digest of the credentials: tells accounts apart. */
  readonly accountId: string;
  /** Tells an account's callers apart: its owner, subjects of an identity provider, audio links. */
  readonly subject: string;
}

/** The legacy service may or may not apply `range`. Throws LegacyError. */
export type Download = (
  parameters: LegacyActions['recording.download'],
  context: CallContext,
  range?: RangeSpec | null,
) => Promise<LegacyDownload>;
