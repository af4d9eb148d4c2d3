/**
 * The client of the legacy API: sends a call, and classifies the response by its content instead of its status and
 * type. Longer than other files, because it is one list of all actions.
 */

import { type RangeSpec, toRangeHeader } from '../http/range.ts';
import { type LegacyCallSession, openCallSession, type Pool, type Resilience } from './call/call.ts';
import type { CallContext, Download } from './call/context.ts';
import { isGone, mayHaveSucceeded } from './call/unclear-outcome.ts';
import { verifyCredentials } from './call/verify-credentials.ts';
import { LegacyError } from './failure.ts';
import { type RecordBatches, readRecords } from './list/records.ts';
import { type LegacyAudio, type LegacyDownload, readDownload, readRanged } from './response/download.ts';
import { assertSuccess } from './response/response-reader.ts';
import { holdsKey, scrub } from './response/scrub.ts';
import type { LegacyBody, LegacyRequest, LegacyResponse, LegacyTransport } from './transport.ts';
import { type LegacyActions, type LegacyCall, type LegacyCredentials, toForm } from './wire.ts';

export interface LegacyClientOptions {
  /** Without a query. */
  readonly url: URL;
  /** POST keeps the keys out of URLs and so out of access logs. */
  readonly method: 'GET' | 'POST';
  readonly transport: LegacyTransport;
  readonly resilience: Resilience;
}

/** Whether a list is read before the gateway responds, or streamed to the client. */
type ListUse = 'answer' | 'stream';

/** Each method throws only LegacyError. */
export interface LegacyClient {
  /** A call whose response is only an envelope; returns if it says `success`. */
  execute(call: LegacyCall, context: CallContext): Promise<void>;
  /** Batches of recordings as they arrive. Returning early closes the legacy connection. */
  list(parameters: LegacyActions['recording.list'], context: CallContext, use?: ListUse): RecordBatches;
  readonly download: Download;
  /**
   * Verifies the keys by one call that changes nothing; `credentials-rejected` if the legacy service does not know
   * them.
   */
  confirm(context: CallContext): Promise<void>;
}

export function createLegacyClient(options: LegacyClientOptions): LegacyClient {
  const { resilience, transport } = options;
  const { deadlines } = resilience;

  const open = (pool: Pool, context: CallContext) => openCallSession(resilience, { ...context, pool });

  function toAttempt<T>(
    call: RangedCall,
    context: CallContext,
    read: (response: LegacyResponse) => Promise<T>,
  ) {
    const send = (signal: AbortSignal) => transport(toRequest(options, call, { ...context, signal }));
    return { action: call.action, send, read };
  }

  async function executeOnce(call: LegacyCall, context: CallContext): Promise<void> {
    const isUpload = call.action === 'recording.upload';
    const exchange = await open(isUpload ? 'uploads' : 'calls', context);
    if (isUpload) exchange.deadline.endAfter(deadlines.upload);
    const read = (response: LegacyResponse) => {
      if (!isUpload) exchange.deadline.endAfter(deadlines.response);
      return assertSuccess(response, call.action);
    };
    await exchange.attempt(toAttempt(call, context, read)).finally(exchange.end);
  }

  /** The session ends with this call, or with the body if the response is audio. */
  async function downloadOnce<Found extends LegacyDownload | null>(
    call: DownloadCall,
    context: CallContext,
    read: (response: LegacyResponse) => Promise<Found>,
  ): Promise<Found> {
    const { deadline, attempt, beginStream, end } = await open('streams', context);
    const readInTime = async (response: LegacyResponse) => {
      deadline.endAfter(deadlines.response);
      return await read(response);
    };
    try {
      const found = await attempt(toAttempt(call, context, readInTime));
      if (found?.kind !== 'audio') {
        end();
        return found;
      }
      deadline.endAfter(deadlines.audio);
      beginStream();
      return found;
    } catch (error) {
      end();
      throw error;
    }
  }

  const client: LegacyClient = {
    async execute(call, context) {
      try {
        await executeOnce(call, context);
      } catch (error) {
        const isRemoval = call.action === 'recording.remove' && call.parameters.delete_now;
        if (
          isRemoval &&
          mayHaveSucceeded(error) &&
          (await isGone(call.parameters.sid, client.download, context))
        )
          return;
        throw scrubbed(error, context.caller.credentials);
      }
    },

    async *list(parameters, context, use = 'answer'): RecordBatches {
      let exchange: LegacyCallSession | undefined;
      let body: LegacyBody | undefined;
      let hasBegun = false;
      const read = async (response: LegacyResponse) => {
        exchange?.deadline.endAfter(deadlines.response);
        if (use === 'stream') exchange?.beginStream();
        body = response.body;
        const batches = readRecords(response);
        const first = await batches.next();
        // Only after the first batch: before it, the response may still be a failure, and a retry needs a timeout.
        if (use === 'stream') exchange?.deadline.endAfter(Number.POSITIVE_INFINITY);
        return { batches, first };
      };
      try {
        exchange = await open(use === 'answer' ? 'calls' : 'streams', context);
        const call = { action: 'recording.list', parameters } as const;
        const { batches, first } = await exchange.attempt(toAttempt(call, context, read));
        hasBegun = use === 'stream';
        let next = first;
        for (; !next.done; next = await batches.next()) yield next.value;
        exchange.end();
        return next.value;
      } catch (cause) {
        const error = exchange?.deadline.toError(cause) ?? cause;
        if (hasBegun) exchange?.end(error);
        const isEmpty = error instanceof LegacyError && error.failure.kind === 'no-results';
        if (!isEmpty) throw scrubbed(error, context.caller.credentials);
        return [];
      } finally {
        // A consumer that stops a stream early has disconnected; one that stops a page early has filled it.
        if (hasBegun) exchange?.end(new LegacyError({ kind: 'abandoned' }));
        await body?.cancel();
        exchange?.end();
      }
    },

    async download(parameters, context, range = null) {
      const { format } = parameters;
      const call = { action: 'recording.download', parameters } as const;
      try {
        const part =
          range !== null &&
          (await downloadOnce({ ...call, range }, context, (response) =>
            readRanged(response, { format, range }),
          ));
        const found =
          part || (await downloadOnce(call, context, (response) => readDownload(response, format)));
        return found.kind === 'audio' ? withoutKeys(found, context.caller.credentials) : found;
      } catch (error) {
        throw scrubbed(error, context.caller.credentials);
      }
    },

    confirm: (context) => verifyCredentials(client.download, context),
  };
  return client;
}

/** Clients see the tag, and the legacy service may derive it from the request. */
function withoutKeys(audio: LegacyAudio, credentials: LegacyCredentials): LegacyAudio {
  return audio.etag !== null && holdsKey(audio.etag, credentials) ? { ...audio, etag: null } : audio;
}

/** Every description of the legacy service is scrubbed before it leaves this folder. */
function scrubbed(error: unknown, credentials: LegacyCredentials): unknown {
  if (!(error instanceof LegacyError)) return error;
  const { failure } = error;
  if (!('description' in failure) || failure.description === null) return error;
  return new LegacyError({ ...failure, description: scrub(failure.description, credentials) });
}

type RangedCall = LegacyCall & { readonly range?: RangeSpec };
type DownloadCall = Extract<RangedCall, { readonly action: 'recording.download' }>;

function toRequest(
  options: LegacyClientOptions,
  { range, ...call }: RangedCall,
  context: CallContext,
): LegacyRequest {
  const form = toForm(call, context.caller.credentials);
  const { method, url } = options;
  const isDownload = call.action === 'recording.download';
  const { signal, traceparent, tracestate, baggage } = context;
  // With a content coding, the length is unknown and offsets differ.
  const headers = {
    'accept-encoding': 'identity',
    ...(range && { range: toRangeHeader(range) }),
    ...(traceparent !== undefined && { traceparent }),
    ...(tracestate !== undefined && { tracestate }),
    ...(baggage !== undefined && { baggage }),
  };
  if (method === 'POST') {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = form.toString();
    return { method, url: url.href, headers: { ...headers, ...type }, body, signal, isDownload };
  }
  return { method, url: `${url.href}?${form}`, headers, signal, isDownload };
}
