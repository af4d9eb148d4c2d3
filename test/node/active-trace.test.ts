/** The trace of OpenTelemetry's active span, through OpenTelemetry's own API. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { expect, onTestFinished, test } from 'vitest';
import { createActiveTraceId } from '../../src/node/active-trace.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';

/** As the packages of OpenTelemetry register one. */
function registerContextManager(): void {
  const storage = new AsyncLocalStorage<Context>();
  context.setGlobalContextManager({
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, work, receiver, ...parameters) =>
      storage.run(active, () => work.call(receiver as never, ...parameters)),
    bind: (_active, target) => target,
    enable: () => context as never,
    disable: () => context as never,
  });
  onTestFinished(() => context.disable());
}

test('is null without a span, and without a tracer', async () => {
  const activeTraceId = await createActiveTraceId();
  expect(activeTraceId()).toBeNull();
  registerContextManager();
  expect(activeTraceId()).toBeNull();
});

test("is that of the request's span, even after an await", async () => {
  registerContextManager();
  const activeTraceId = await createActiveTraceId();
  const span = trace.wrapSpanContext({ traceId, spanId: 'b7ad6b7169203331', traceFlags: 1 });
  await context.with(trace.setSpan(ROOT_CONTEXT, span), async () => {
    expect(activeTraceId()).toBe(traceId);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(activeTraceId()).toBe(traceId);
  });
  expect(activeTraceId()).toBeNull();
});
