/** Audio of a recording: get it, a part of it, or wait until it has been processed. */
import type { Send } from './http.ts';
import { AudioNotReady, toMilliseconds } from './problem.ts';
import { sleep } from './retry.ts';
import type { AudioFormat } from './schema-names.ts';

export interface AudioOptions {
  readonly format?: AudioFormat;
  readonly sampleRateHz?: number;
  /** The value of a `Range` header, such as `bytes=0-1023`. */
  readonly range?: string;
  /** How long the gateway may wait for audio that is being processed, at most 60. */
  readonly waitSeconds?: number;
  readonly signal?: AbortSignal;
}

export interface WaitOptions extends Omit<AudioOptions, 'waitSeconds'> {
  /** By default 10 minutes. */
  readonly timeoutMs?: number;
  /** Called each time that the recording turns out to be still processing, the first time at once. */
  readonly onProcessing?: () => void;
}

export type Audio =
  /** Read the response as a stream, a Blob or bytes. */
  | { readonly state: 'ready'; readonly response: Response }
  | { readonly state: 'processing'; readonly retryAfterMs: number };

/** In seconds; proxies commonly cut a request after a minute. */
const patience = 30;

export function createAudio(send: Send) {
  const getAudio = async (sid: string, options: AudioOptions = {}): Promise<Audio> => {
    const { format, sampleRateHz, range, waitSeconds = 0, signal } = options;
    const response = await send({
      method: 'GET',
      repetition: 'safe',
      path: `/recordings/${encodeURIComponent(sid)}/audio`,
      query: { format, sample_rate: sampleRateHz },
      headers: {
        ...(range !== undefined && { Range: range }),
        ...(waitSeconds > 0 && { Prefer: `wait=${waitSeconds}` }),
      },
      signal,
    });
    if (response.status !== 202) return { state: 'ready', response };
    await response.text();
    return { state: 'processing', retryAfterMs: toMilliseconds(response.headers.get('Retry-After')) ?? 5000 };
  };

  return {
    getAudio,
    async waitForAudio(sid: string, options: WaitOptions = {}): Promise<Extract<Audio, { state: 'ready' }>> {
      const { timeoutMs = 600_000, onProcessing, ...rest } = options;
      const deadline = Date.now() + timeoutMs;
      // A caller that wants to know whether there is a wait learns it from a first request that does not wait.
      let isFirst = onProcessing !== undefined;
      for (;;) {
        const leftMs = deadline - Date.now();
        const waitSeconds = isFirst ? 0 : Math.min(patience, Math.floor(leftMs / 1000));
        const audio = await getAudio(sid, { ...rest, waitSeconds });
        if (audio.state === 'ready') return audio;
        onProcessing?.();
        const canWait = deadline - Date.now() >= 1000;
        const pauseMs = isFirst && canWait ? 0 : Math.max(audio.retryAfterMs, 1000);
        isFirst = false;
        if (Date.now() + pauseMs > deadline) {
          throw new AudioNotReady(`The audio of ${sid} is not ready after ${timeoutMs} ms.`);
        }
        await sleep(pauseMs, options.signal);
      }
    },
  };
}
