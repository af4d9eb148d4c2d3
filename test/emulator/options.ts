/** Options of the emulated vendor and their defaults. */
import type { FetchPath } from './vendor-fetch.ts';

export const audioLabels = [
  'format',
  'application/octet-stream',
  'text/html',
  'text/xml',
  'audio/wav',
  'audio/mpeg',
] as const;

/** Unknown properties of the real service: the gateway must support each. */
export interface AudioSwitches {
  readonly contentLength: boolean;
  /** Whether `Range` is honoured. */
  readonly ranges: boolean;
  readonly etag: boolean;
  readonly lastModified: boolean;
  /** The Content-Type of every download: that of its format, a fixed one, or none. */
  readonly contentType: (typeof audioLabels)[number] | null;
}

export interface EmulatorOptions {
  readonly audio?: Partial<AudioSwitches>;
  /** How an upload's http(s) path is fetched; the platform's fetch by default. */
  readonly fetchPath?: FetchPath;
  /** How long a recording remains after a deferred removal; a minute by default. */
  readonly removalDelayMs?: number;
  /** IANA zone of its wall clock; by default -05:00, to which a related action of the legacy API defaults. */
  readonly timeZone?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface Vendor {
  audio: AudioSwitches;
  readonly fetchPath: FetchPath;
  readonly removalDelayMs: number;
  readonly now: () => number;
  readonly timeZone: string;
  /** For uploads. */
  nextSid(): string;
}

export const defaultAudio: AudioSwitches = {
  contentLength: true,
  ranges: false,
  etag: false,
  lastModified: false,
  contentType: 'format',
};

const fetchTimeoutMs = 60_000;

export function createVendor(options: EmulatorOptions): Vendor {
  let uploads = 0;
  return {
    audio: { ...defaultAudio, ...options.audio },
    fetchPath: options.fetchPath ?? ((url) => fetch(url, { signal: AbortSignal.timeout(fetchTimeoutMs) })),
    removalDelayMs: options.removalDelayMs ?? 60_000,
    now: options.now ?? Date.now,
    timeZone: options.timeZone ?? 'Etc/GMT+5',
    nextSid: () => `0950${String(++uploads).padStart(12, '0')}`,
  };
}
