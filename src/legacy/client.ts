/** Speaks the old API: a call out, and what came back told apart by what it is instead of by what it claims to be. */
import { assertSuccess, readRecords } from './answer.ts';
import { confirmCredentials } from './confirm.ts';
import { createDeadline, type Deadline } from './deadline.ts';
import { type LegacyDownload, readDownload, readRanged } from './download.ts';
import { LegacyError } from './failure.ts';
import type { LegacyRecording } from './records.ts';
import { scrub } from './scrub.ts';
import type { LegacyRequest, LegacyResponse, LegacyTransport } from './transport.ts';
import { type LegacyActions, type LegacyCall, type LegacyCredentials, toForm } from './wire.ts';

export interface LegacyClientOptions {
  readonly url: URL;
  /** POST keeps the keys out of URLs, and so out of access logs. */
  readonly method: 'GET' | 'POST';
  readonly transport: LegacyTransport;
  /** From the call to the end of its answer; for audio, to its first bytes. In milliseconds. */
  readonly timeout: number;
}

export interface CallContext {
  readonly credentials: LegacyCredentials;
  /** Aborted when the caller leaves. */
  readonly signal: AbortSignal;
}

export interface DownloadContext extends CallContext {
  /** One range, as it goes into `Range`: asked of the legacy too, which may or may not cut it. */
  readonly range?: string | null;
}

/** Each method throws LegacyError, and nothing else. */
export interface LegacyClient {
  /** A call whose answer is an envelope and nothing more; returns when the legacy says `success`. */
  execute(call: LegacyCall, context: CallContext): Promise<void>;
  /** The recordings as they arrive, in batches. Returning early closes the legacy connection. */
  list(
    parameters: LegacyActions['recording.list'],
    context: CallContext,
  ): AsyncGenerator<readonly LegacyRecording[], void>;
  download(
    parameters: LegacyActions['recording.download'],
    context: DownloadContext,
  ): Promise<LegacyDownload>;
  /** Returns when the legacy knows the keys, by one call that changes nothing; else the error says `credentials-rejected`. */
  confirm(context: CallContext): Promise<void>;
}

export function createLegacyClient(options: LegacyClientOptions): LegacyClient {
  async function send(
    call: LegacyCall,
    context: DownloadContext,
    deadline: Deadline,
  ): Promise<LegacyResponse> {
    return options.transport(toRequest(options, call, { ...context, signal: deadline.signal }));
  }

  /** Runs one exchange under its deadline and gives every rejection its name. */
  async function exchange<T>(
    call: LegacyCall,
    context: DownloadContext,
    use: (answer: LegacyResponse, deadline: Deadline) => Promise<T>,
  ): Promise<T> {
    const deadline = createDeadline(context.signal, options.timeout);
    let answer: LegacyResponse | undefined;
    try {
      answer = await send(call, context, deadline);
      return await use(answer, deadline);
    } catch (cause) {
      await answer?.body.cancel();
      throw scrubbed(deadline.toError(cause), context.credentials);
    } finally {
      deadline.clear();
    }
  }

  const client: LegacyClient = {
    execute: (call, context) => exchange(call, context, assertSuccess),

    async *list(parameters, context) {
      const deadline = createDeadline(context.signal, options.timeout);
      let answer: LegacyResponse | undefined;
      try {
        answer = await send({ action: 'recording.list', parameters }, context, deadline);
        const batches = readRecords(answer);
        for (;;) {
          const { done, value } = await batches.next();
          // While the caller is busy with a batch, nobody waits for the legacy.
          deadline.clear();
          if (done) return;
          yield value;
          deadline.extend(options.timeout);
        }
      } catch (cause) {
        const error = deadline.toError(cause);
        if (error.failure.kind !== 'no-results') throw scrubbed(error, context.credentials);
      } finally {
        deadline.clear();
        await answer?.body.cancel();
      }
    },

    async download(parameters, context) {
      const call = { action: 'recording.download', parameters } as const;
      const { format } = parameters;
      const { range, ...plain } = context;
      const part =
        range && (await exchange(call, context, (answer) => readRanged(answer, { format, range })));
      return part || exchange(call, plain, (answer) => readDownload(answer, format));
    },

    confirm: (context) => confirmCredentials(client.download, context),
  };
  return client;
}

/** No word of the legacy leaves this folder before it was looked through. */
function scrubbed(error: LegacyError, credentials: LegacyCredentials): LegacyError {
  const { failure } = error;
  if (!('description' in failure) || failure.description === null) return error;
  return new LegacyError({ ...failure, description: scrub(failure.description, credentials) });
}

function toRequest(options: LegacyClientOptions, call: LegacyCall, context: DownloadContext): LegacyRequest {
  const form = toForm(call, context.credentials);
  const { method } = options;
  const { signal, range } = context;
  const url = new URL(options.url);
  // Of a body that is encoded on the way nobody knows the length, nor where in it a byte is.
  const headers = { 'accept-encoding': 'identity', ...(range && { range }) };
  if (method === 'POST') {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return { method, url: url.href, headers: { ...headers, ...type }, body: form.toString(), signal };
  }
  url.search = form.toString();
  return { method, url: url.href, headers, signal };
}
