/** The context of one authenticated request, passed to every service behind it. */
import type { CallContext } from '../legacy/call/context.ts';
import type { CallTrace } from '../legacy/call/trace.ts';
import type { Caller } from './caller.ts';

/** Satisfies the legacy client's `CallContext`, so it is passed on as it is. */
export interface RequestContext extends CallContext {
  readonly caller: Caller;
  readonly trace: CallTrace;
  readonly requestId: string;
  /** Called with what a look into the audio store found. */
  readonly onStoreResult: (result: 'hit' | 'miss' | 'failed') => void;
}
