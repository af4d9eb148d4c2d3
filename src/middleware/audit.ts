/** The audit trail: one event for each play, download, link, deletion, upload and export of an authenticated caller. */
import type { Context } from 'hono';
import type { AuditEvent } from '../auth/audit-event.ts';
import { exportIdPattern } from '../exports/keys.ts';
import type { AppEnv } from './app-env.ts';
import type { RequestEvent } from './request-log.ts';

/** Called at the end of each request with its event of the request log. */
export type Audit = (c: Context<AppEnv>, request: RequestEvent) => void;

export function createAudit(write: (event: AuditEvent) => void): Audit {
  return (c, request) => {
    const action = toAction(c, request.operation);
    const caller = c.get('context')?.caller;
    // Requests without a caller are in the request log only.
    if (!action || !caller) return;
    write({
      event: 'audit',
      time: request.time,
      request_id: request.request_id,
      action,
      account: caller.accountId,
      subject: caller.subject,
      auth_method: caller.authMethod,
      sid: c.req.param('sid') ?? null,
      resource: action === 'upload' ? toResource(c) : null,
      export: toExportId(c, action),
      range: c.res.headers.get('Content-Range'),
      status: request.status,
      outcome: toOutcome(request),
      problem: request.stream_error ?? request.problem,
    });
  };
}

function toAction(c: Context<AppEnv>, operation: string | null): AuditEvent['action'] | null {
  switch (operation) {
    case 'getRecordingAudio':
      // A HEAD and a recording that is still processing transfer no audio.
      if (c.req.method === 'HEAD' || c.res.status === 202) return null;
      return ['true', '1'].includes(c.req.query('download') ?? '') ? 'download' : 'play';
    case 'createAudioLink':
      return 'create-link';
    case 'deleteRecording':
      return 'delete';
    case 'createUpload':
    case 'uploadAudio':
      return 'upload';
    case 'createExport':
      return 'export';
    case 'createExportDeletion':
      return 'delete-exported';
    default:
      return null;
  }
}

/** Null for text that is not an ID, which a caller may have made up. */
function toExportId({ req, res }: Context<AppEnv>, action: AuditEvent['action']): string | null {
  const created = res.headers.get('Location')?.split('/').at(-1);
  const id = action === 'export' ? created : req.param('export_id');
  return id && exportIdPattern.test(id) ? id : null;
}

/** Uses validated values only: text that a caller made up must not enter the trail. */
function toResource({ req }: Context<AppEnv>): AuditEvent['resource'] {
  const input: unknown = req.valid('json' as never) ?? req.valid('query' as never);
  if (typeof input !== 'object' || input === null || !('type' in input)) return null;
  const id = 'id' in input && input.id !== undefined ? String(input.id) : null;
  return { type: String(input.type), id };
}

function toOutcome({ status, stream_error }: RequestEvent): AuditEvent['outcome'] {
  if (stream_error !== null || status === 499) return 'interrupted';
  if (status < 400) return 'success';
  return status < 500 ? 'rejected' : 'failed';
}
