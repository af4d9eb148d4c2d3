/** `WWW-Authenticate` for each failure: Basic by RFC 7617, Bearer by RFC 6750 section 3. */
import { type AuthFailure, toDetail } from './failure.ts';

const realm = 'realm="recordings"';
const basic = `Basic ${realm}, charset="UTF-8"`;

export interface ChallengeOptions {
  /** Whether any Bearer token can be valid here. */
  readonly bearer: boolean;
  /** Whether the gateway accepts account keys by Basic. */
  readonly basic?: boolean;
}

/** The challenges, one header each; empty if other credentials would not help. */
export function toChallenges(failure: AuthFailure, options: ChallengeOptions): string[] {
  const { bearer, basic: offersBasic = true } = options;
  switch (failure.kind) {
    case 'missing':
    case 'unsupported':
      // RFC 6750 section 3.1: a request without credentials gets no error code.
      // Basic comes first, since Chromium prompts only for the first challenge of a line.
      return [...(offersBasic ? [basic] : []), ...(bearer ? [`Bearer ${realm}`] : [])];
    case 'malformed':
      return failure.scheme === 'bearer' || !offersBasic ? [toBearer('invalid_token', failure)] : [basic];
    case 'invalid-token':
      return [toBearer('invalid_token', failure)];
    case 'credentials-rejected':
      return failure.authMethod === 'token' ? [toBearer('invalid_token', failure)] : [basic];
    case 'insufficient-scope':
      return [`${toBearer('insufficient_scope', failure)}, scope="${failure.required}"`];
    case 'two-credentials':
      return bearer ? [toBearer('invalid_request', failure)] : [];
    case 'invalid-link':
    case 'account-not-allowed':
    case 'resource-not-allowed':
    case 'too-many-failures':
    case 'identity-provider-unavailable':
      return [];
  }
}

/** The details are our own texts without quotation marks, as the grammar of error_description requires. */
function toBearer(error: string, failure: AuthFailure): string {
  return `Bearer ${realm}, error="${error}", error_description="${toDetail(failure)}"`;
}
