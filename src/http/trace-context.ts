/** W3C Trace Context (https://www.w3.org/TR/trace-context/) and Baggage (https://www.w3.org/TR/baggage/). */

/** Headers that are propagated with a request; each is undefined if absent or malformed. */
export interface TraceContext {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
  readonly baggage?: string | undefined;
}

const traceparentForm = /^(?!ff)([\da-f]{2})-((?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2})(-.*)?$/;

/** In characters: the least length that an intermediary has to propagate (section 3.3.1.5; Baggage, section 3.3.2). */
const maxTracestate = 512;
const maxBaggage = 8192;

export function parseTraceContext(headers: Pick<Headers, 'get'>): TraceContext {
  const traceparent = parseTraceparent(headers.get('traceparent') ?? '');
  return {
    traceparent,
    // Section 3.3: meaningless without a valid traceparent.
    tracestate: traceparent && toHeader(headers.get('tracestate'), maxTracestate),
    baggage: toHeader(headers.get('baggage'), maxBaggage),
  };
}

/** Returns the header as version 00, also for a later version (section 3.2.3 of level 1). */
function parseTraceparent(header: string): string | undefined {
  const [, version, parts, more] = traceparentForm.exec(header) ?? [];
  const isKnown = parts !== undefined && (version !== '00' || more === undefined);
  return isKnown ? `00-${parts}` : undefined;
}

/** Both are lists of printable ASCII. The gateway does not interpret their members. */
function toHeader(value: string | null, maxLength: number): string | undefined {
  return value !== null && value.length <= maxLength && /^[\t -~]+$/.test(value) && /[!-~]/.test(value)
    ? value
    : undefined;
}
