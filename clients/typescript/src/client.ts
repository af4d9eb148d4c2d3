/** The client: one method for each operation, and the loops that callers would write around them. */
import { type Audio, type AudioOptions, createAudio, type WaitOptions } from './audio.ts';
import { type Credentials, createAuthorizer, type IssuedToken } from './credentials.ts';
import { createExports, type ExportAction, type ExportEvent, type ManifestOptions } from './exports.ts';
import { type AttemptObserver, createSend, toQuery } from './http.ts';
import { createKeyed } from './keyed.ts';
import { RecordingsProblem } from './problem.ts';
import type { RetryOptions } from './retry.ts';
import type {
  AudioFormat,
  AudioLink,
  AudioUpload,
  Export,
  ExportList,
  ExportRequest,
  ListQuery,
  ProblemType,
  Recording,
  RecordingList,
  Token,
  Upload,
  UploadRequest,
  UploadTarget,
} from './schema-names.ts';
import {
  createProgressTransport,
  toKeyHeader,
  type UploadAudioOptions,
  type UploadOptions,
} from './upload.ts';

export interface ClientOptions {
  /** The address of the gateway, with its path if it has one. */
  readonly baseUrl: string;
  /** Null for public operations only. */
  readonly credentials: Credentials | null;
  readonly retry?: RetryOptions;
  /** In place of the platform's. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Sees each request and its response, also of uploads, which `fetch` does not carry in browsers. */
  readonly onAttempt?: AttemptObserver;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface LinkOptions extends CallOptions {
  readonly format?: AudioFormat;
  readonly sampleRateHz?: number;
  readonly expiresInSeconds?: number;
}

export interface TokenOptions extends CallOptions {
  /** Separated by spaces. */
  readonly scope?: string;
  readonly expiresInSeconds?: number;
  /** Parts of the account, as `authorization_details` (RFC 9396). */
  readonly authorizationDetails?: readonly object[];
}

export interface RecordingsClient {
  /** One page. */
  listRecordings(query: ListQuery & { cursor?: string }, options?: CallOptions): Promise<RecordingList>;
  /** All recordings, page by page, for `for await`. */
  recordings(query: ListQuery, options?: CallOptions): AsyncGenerator<Recording, void, undefined>;
  getAudio(sid: string, options?: AudioOptions): Promise<Audio>;
  /** Rejects with AudioNotReady after `timeoutMs`. */
  waitForAudio(sid: string, options?: WaitOptions): Promise<Extract<Audio, { state: 'ready' }>>;
  /** The URL is absolute. */
  createAudioLink(sid: string, options?: LinkOptions): Promise<AudioLink>;
  /** `accepted` if the legacy service deletes later. */
  deleteRecording(
    sid: string,
    options?: CallOptions & { deleteNow?: boolean },
  ): Promise<'deleted' | 'accepted'>;
  /** The legacy service fetches the audio from `path`. */
  createUpload(upload: UploadRequest, options?: UploadOptions): Promise<Upload>;
  uploadAudio(target: UploadTarget, audio: Blob, options?: UploadAudioOptions): Promise<AudioUpload>;
  issueToken(options?: TokenOptions): Promise<Token>;
  createExport(request: ExportRequest, options?: UploadOptions): Promise<Export>;
  getExport(id: string, options?: CallOptions): Promise<Export>;
  /** The newest first. */
  listExports(options?: CallOptions & { limit?: number }): Promise<ExportList>;
  controlExport(id: string, action: ExportAction): Promise<Export>;
  /** Read the response as a stream, a Blob or text. */
  getExportManifest(id: string, options?: ManifestOptions): Promise<Response>;
  /** Progress as it happens, for `for await`; ends with the export and the deletion of its originals. */
  followExport(id: string, options?: CallOptions): AsyncGenerator<ExportEvent, void, undefined>;
  explainProblem(slug: string, options?: CallOptions): Promise<ProblemType>;
}

export function createRecordingsClient(options: ClientOptions): RecordingsClient {
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const { retry = {}, onAttempt } = options;
  const authorizer = createAuthorizer(options.credentials);
  const send = createSend({ baseUrl, authorizer, retry, fetch, onAttempt });

  const listRecordings: RecordingsClient['listRecordings'] = async (query, { signal } = {}) => {
    const response = await send({ ...read, path: '/recordings', query, signal });
    return response.json();
  };

  const { sendKeyed, postKeyed } = createKeyed(send);

  return {
    listRecordings,
    async *recordings(query, callOptions) {
      let cursor: string | null | undefined;
      do {
        const page: RecordingList = await listRecordings(
          { ...query, ...(cursor && { cursor }) },
          callOptions,
        );
        yield* page.recordings;
        cursor = page.next_cursor;
      } while (cursor);
    },
    ...createAudio(send),
    async createAudioLink(sid, { format, sampleRateHz, expiresInSeconds, signal } = {}) {
      const body = JSON.stringify({ format, sample_rate: sampleRateHz, expires_in: expiresInSeconds });
      const path = `/recordings/${encodeURIComponent(sid)}/audio-links`;
      const response = await send({ ...write, repetition: 'safe', path, headers: json, body, signal });
      const link: AudioLink = await response.json();
      const [origin = ''] = /^[a-z]+:\/\/[^/]+/i.exec(baseUrl) ?? [];
      return { ...link, url: link.url.startsWith('/') ? `${origin}${link.url}` : link.url };
    },
    async deleteRecording(sid, { deleteNow, signal } = {}) {
      const path = `/recordings/${encodeURIComponent(sid)}`;
      const query = { delete_now: deleteNow };
      try {
        const response = await send({ method: 'DELETE', repetition: 'safe', path, query, signal });
        return response.status === 202 ? 'accepted' : 'deleted';
      } catch (error) {
        // An earlier attempt, whose response was lost, has deleted it.
        if (error instanceof RecordingsProblem && error.attempt > 1 && error.slug === 'recording-not-found')
          return 'deleted';
        throw error;
      }
    },
    createUpload: (upload, uploadOptions) => postKeyed('/uploads', upload, uploadOptions),
    uploadAudio: (query, audio, uploadOptions = {}) =>
      sendKeyed(uploadOptions, async (key) => {
        const { contentType, onProgress, signal } = uploadOptions;
        const type = contentType ?? (audio.type || 'application/octet-stream');
        const headers = { 'Content-Type': type, ...toKeyHeader(key) };
        const transport = onProgress && createProgressTransport(audio, onProgress, fetch);
        const repetition = key === false ? 'once' : 'keyed';
        const call = { ...write, path: '/uploads/audio', query, repetition, headers, signal } as const;
        const response = await send({ ...call, body: audio, transport: transport ?? null });
        return response.json();
      }),
    ...createExports(send),
    createExport: (request, uploadOptions) => postKeyed('/exports', request, uploadOptions),
    async issueToken({ scope, expiresInSeconds, authorizationDetails, signal } = {}) {
      const form = {
        grant_type: 'client_credentials',
        scope,
        expires_in: expiresInSeconds,
        authorization_details: authorizationDetails && JSON.stringify(authorizationDetails),
      };
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      const body = toQuery(form).slice(1);
      const response = await send({
        ...write,
        repetition: 'safe',
        path: '/oauth/token',
        encodesKeys: true,
        headers,
        body,
        signal,
      });
      return response.json();
    },
    async explainProblem(slug, { signal } = {}) {
      const path = `/problems/${encodeURIComponent(slug)}`;
      const response = await send({ ...read, path, signal });
      return response.json();
    },
  };
}

const read = { method: 'GET', repetition: 'safe' } as const;
const write = { method: 'POST' } as const;
const json = { 'Content-Type': 'application/json' };

/** For `credentials.getToken`: tokens that this client, which has the keys, gets from the gateway. */
export function toTokenSource(client: RecordingsClient, options?: TokenOptions): () => Promise<IssuedToken> {
  return async () => {
    const { access_token, expires_in } = await client.issueToken(options);
    return { token: access_token, expiresAt: Date.now() + expires_in * 1000 };
  };
}
