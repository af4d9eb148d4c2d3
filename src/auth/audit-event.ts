/** One event of the audit trail: the caller, the recording, the action and its outcome. */

/** Holds sids and IDs of resources and exports, which the request log omits; never a key, a token, a URL or a phone number. */
export interface AuditEvent {
  readonly event: 'audit';
  /** When the response ended. */
  readonly time: string;
  readonly request_id: string;
  readonly action: 'play' | 'download' | 'create-link' | 'delete' | 'upload' | 'export' | 'delete-exported';
  /** Digest of the account. */
  readonly account: string;
  /** Digest of the caller: the subject of a JWT, otherwise the account. */
  readonly subject: string;
  readonly auth_method: string;
  readonly sid: string | null;
  /** Set for uploads. */
  readonly resource: { readonly type: string; readonly id: string | null } | null;
  /** The ID of the export; null for other actions, and for an export that was not created. */
  readonly export: string | null;
  /** The `Content-Range` of the response, such as `bytes 0-1/64044`; null for the whole recording. */
  readonly range: string | null;
  readonly status: number;
  /** `interrupted`: the response started and then failed, or the client disconnected. */
  readonly outcome: 'success' | 'rejected' | 'failed' | 'interrupted';
  readonly problem: string | null;
}
