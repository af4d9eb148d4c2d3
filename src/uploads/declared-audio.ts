/** Compares the first bytes of an upload with its declared format, and its length with its header. */
import { type AudioFormat, formats } from '../audio/formats.ts';
import { endsOnFrame, findFrames } from '../legacy/response/mpeg-frame.ts';
import { isContainer, searchLength, skipTags, sniffAudio } from '../legacy/response/sniff.ts';
import { readWavHeader, type WavHeader } from '../legacy/response/wav-header.ts';
import { StagingError } from './failure.ts';

/** In bytes: how far to search a WAV for its audio chunk, as players do. */
export const headLength = 1024 * 1024;

/** How many bytes a header may be off by: some recorders count the header itself, or round up to a sector. */
const tolerance = 512;

interface UploadWarning {
  readonly code: 'audio-shorter-than-header' | 'no-audio';
  readonly detail: string;
}

export interface AudioHead {
  readonly bytes: Uint8Array;
  /** Whether the bytes are the whole audio. */
  readonly isWhole: boolean;
  /** Names the bytes at the start of a sentence: `The body`. */
  readonly subject: string;
}

export interface CheckedAudio {
  readonly format: AudioFormat;
  /** `length` of the whole audio, in bytes. */
  warningsAt(length: number): readonly UploadWarning[];
}

/** `declared` is null if the bytes decide. Throws StagingError. */
export function checkAudio(head: AudioHead, declared: AudioFormat | null): CheckedAudio {
  const { bytes, subject } = head;
  if (bytes.length === 0) throw notAudio(`${subject} is empty.`);
  const found = sniffUpload(bytes);
  const format = declared ?? found;
  if (format === null) throw notAudio(`${subject} starts as neither a WAV nor an MP3 does.`);
  if (found === null) throw notAudio(`${subject} does not start as ${formats[format].mediaType} does.`);
  if (found !== format) {
    const [type, wanted] = [formats[found].mediaType, formats[format].mediaType];
    throw notAudio(`${subject} is ${type}, and declared as ${wanted}.`);
  }
  if (format === 'mp3') return { format, warningsAt: () => [] };
  const wav = readHeader(head);
  return { format, warningsAt: (length) => findWarnings(wav, length) };
}

/**
 * Stricter than for the legacy service's audio, since a sender can correct its bytes: an MP3 has two consecutive
 * frames, or is a single frame. `bytes` are the whole audio, or at least `searchLength`.
 */
export function sniffUpload(bytes: Uint8Array): AudioFormat | null {
  const found = sniffAudio(bytes);
  if (found !== 'mp3') return found === 'xml' ? null : found;
  const start = skipTags(bytes);
  // A picture in the tag can be larger than the bytes.
  if (start > bytes.length) return bytes.length < searchLength ? null : 'mp3';
  const audio = bytes.subarray(start, start + searchLength);
  return !isContainer(audio) && (findFrames(audio) !== null || endsOnFrame(audio)) ? 'mp3' : null;
}

function readHeader({ bytes, isWhole, subject }: AudioHead): WavHeader {
  const reading = readWavHeader(bytes, skipTags(bytes), isWhole);
  switch (reading.kind) {
    case 'wav':
      return reading.header;
    case 'fault':
      throw notAudio(`${subject} is a WAV that players cannot play: ${reading.fault}.`);
    case 'incomplete':
      throw notAudio(
        `${subject} is a WAV that players cannot play: no data chunk starts in its first ${headLength} bytes.`,
      );
  }
}

function findWarnings({ dataStart, dataSize }: WavHeader, length: number): readonly UploadWarning[] {
  const arrived = Math.max(0, length - dataStart);
  if (dataSize !== null && dataSize - arrived > tolerance) {
    const detail = `The header promises ${dataSize} bytes of audio; ${arrived} arrived.`;
    return [{ code: 'audio-shorter-than-header', detail }];
  }
  return arrived > 0 ? [] : [{ code: 'no-audio', detail: 'The WAV ends where its audio would start.' }];
}

function notAudio(detail: string): StagingError {
  return new StagingError({ kind: 'not-audio', detail });
}
