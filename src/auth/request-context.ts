/** The facts of one request that every service behind an operation's security needs. */
import type { CallContext } from '../legacy/call/context.ts';
import type { CallTrace } from '../legacy/call/trace.ts';
import type { Caller } from './caller.ts';

/** Satisfies the legacy client's `CallContext`, so it is handed on as it is. */
export interface RequestContext extends CallContext {
  readonly caller: Caller;
  readonly trace: CallTrace;
}
