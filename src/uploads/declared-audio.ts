/** Holds a body against what its sender declared it to be. */
import { sniffAudio } from '../legacy/response/sniff.ts';
import { StagingError } from './failure.ts';
import { findSizeFault, wavHeaderLength } from './wav-header.ts';

export type StagedFormat = 'wav' | 'mp3';

export const stagedMediaTypes = { wav: 'audio/wav', mp3: 'audio/mpeg' } as const;

const formats: Readonly<Record<string, StagedFormat>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/vnd.wave': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
};

/** Every media type that an upload may declare. */
export const uploadMediaTypes: readonly string[] = Object.keys(formats);

/** What a `Content-Type` declares, its parameters aside; null for anything but our kinds of audio. */
export function toStagedFormat(contentType: string | null | undefined): StagedFormat | null {
  const [name = ''] = (contentType ?? '').split(';');
  const key = name.trim().toLowerCase();
  return Object.hasOwn(formats, key) ? (formats[key] ?? null) : null;
}

/** How many first bytes the checks below want to see; fewer do where the body is shorter. */
export const headLength = wavHeaderLength;

/** Throws StagingError. */
export function assertKind(head: Uint8Array, format: StagedFormat): void {
  if (head.length === 0) throw notAudio('The body is empty.');
  if (sniffAudio(head) === format && (head[0] !== 0xff || isFrameHeader(head))) return;
  throw notAudio(`The body does not begin as ${stagedMediaTypes[format]} does.`);
}

/** `length` is that of the whole body, in bytes. Throws StagingError. */
export function assertSizes(head: Uint8Array, format: StagedFormat, length: number): void {
  const fault = format === 'wav' ? findSizeFault(head, length) : null;
  if (fault) throw notAudio(`The WAV is not what it says of itself: ${fault}.`);
}

/**
 * An MPEG audio frame header without reserved values (ISO/IEC 11172-3, section 2.4.2.3): AAC, say, has the same sync.
 * A sender can mend it, so this asks for more than is asked of the legacy's own answers.
 */
function isFrameHeader([, second = 0, third = 0, fourth = 0]: Uint8Array): boolean {
  const version = (second >> 3) & 3;
  const layer = (second >> 1) & 3;
  const bitrate = third >> 4;
  const sampleRate = (third >> 2) & 3;
  const emphasis = fourth & 3;
  return version !== 1 && layer !== 0 && bitrate !== 15 && sampleRate !== 3 && emphasis !== 2;
}

function notAudio(detail: string): StagingError {
  return new StagingError({ kind: 'not-audio', detail });
}
