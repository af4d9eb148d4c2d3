/** Writes the audit trail on Workers: a log line for Logpush, and a queue message for consumers that must not miss an event. */
import type { AuditEvent } from '../auth/audit-event.ts';

export interface AuditSinkOptions {
  /** The `AUDIT_QUEUE` binding, if the deployment has one. */
  readonly queue: Pick<Queue, 'send'> | undefined;
  readonly log: (event: Readonly<Record<string, unknown>>) => void;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** A failed message is logged with its request's ID, so that the event can be recovered from the log. */
export function createAuditSink({ queue, log, waitUntil }: AuditSinkOptions): (event: AuditEvent) => void {
  async function send(event: AuditEvent): Promise<void> {
    try {
      await queue?.send(event);
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      log({ level: 'error', event: 'audit-queue-failed', request_id: event.request_id, error: name });
    }
  }
  return (event) => {
    log({ ...event });
    if (queue) waitUntil(send(event));
  };
}
