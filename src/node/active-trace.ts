/** The OpenTelemetry trace of the running request, if the operator has installed OpenTelemetry. */

interface OpenTelemetry {
  readonly trace: {
    getActiveSpan(): { spanContext(): { readonly traceId: string } } | undefined;
  };
}

/** Optional: imported by name, so that the gateway starts without it. */
const packageName = '@opentelemetry/api';

export async function createActiveTraceId(): Promise<() => string | null> {
  const api: OpenTelemetry | null = await import(packageName).catch(() => null);
  return () => api?.trace.getActiveSpan()?.spanContext().traceId ?? null;
}
