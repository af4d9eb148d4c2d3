/** The audit trail on Workers: every event is logged, and queued if a queue is bound. */
import { expect, it } from 'vitest';
import type { AuditEvent } from '../../src/auth/audit-event.ts';
import { createAuditSink } from '../../src/workers/audit-sink.ts';

const event: AuditEvent = {
  event: 'audit',
  time: '2026-11-27T12:00:00.000Z',
  request_id: 'request-1',
  action: 'play',
  account: 'a'.repeat(32),
  subject: 'user-1',
  auth_method: 'jwt',
  sid: '0907065723240097',
  resource: null,
  export: null,
  range: null,
  status: 200,
  outcome: 'success',
  problem: null,
};

/** A sink that sends messages to `send`, and keeps its log and background work. */
function start(send?: (body: unknown) => Promise<unknown>) {
  const logged: unknown[] = [];
  const running: Promise<unknown>[] = [];
  const sink = createAuditSink({
    queue: send && { send: send as Queue['send'] },
    log: (line) => logged.push(line),
    waitUntil: (work) => running.push(work),
  });
  return { sink, logged, running };
}

it('sends each event to the queue, and keeps the isolate alive until it is accepted', async () => {
  const sent: unknown[] = [];
  const { sink, logged, running } = start(async (body) => sent.push(body));
  sink(event);
  expect(running).toHaveLength(1);
  await Promise.all(running);
  expect(sent).toEqual([event]);
  expect(logged).toEqual([event]);
});

it('logs the event and the failure when the queue rejects it', async () => {
  const { sink, logged, running } = start(() => Promise.reject(new TypeError('over the limit: a-secret')));
  sink(event);
  await Promise.all(running);
  const failure = {
    level: 'error',
    event: 'audit-queue-failed',
    request_id: 'request-1',
    error: 'TypeError',
  };
  expect(logged).toEqual([event, failure]);
});

it('only logs the event without a queue', () => {
  const { sink, logged, running } = start();
  sink(event);
  expect(logged).toEqual([event]);
  expect(running).toEqual([]);
});
