/** One recording as the legacy lists it. */
import type { ListWarning } from './list-warning.ts';

/** Each value is the legacy's text without white space around it; null where the element is empty or missing. */
export interface RecordingFields {
  /** Never empty. */
  readonly sid: string;
  readonly dnis: string | null;
  readonly number_connected: string | null;
  readonly minutes: string | null;
  readonly date: string | null;
}

export interface LegacyRecording extends RecordingFields {
  /**
   * Whether the sid is letters, digits, `-` and `_` alone, and no value has anything that means something in JSON: known
   * here, where every character is looked at anyhow, so that whoever writes the recording down need not look again.
   */
  readonly isJsonSafe: boolean;
  /** About this recording and what stands before it; absent where all was in order. */
  readonly warnings?: readonly ListWarning[];
}

const plainSid = /^[\w-]+$/;
// Half a pair of surrogates is no text either; to rule out all of them is simpler.
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has to escape them
const plain = /^[^\x00-\x1f"\\\ud800-\udfff]*$/;

export function toLegacyRecording(fields: RecordingFields): LegacyRecording {
  const { sid, dnis, number_connected, minutes, date } = fields;
  const isJsonSafe =
    plainSid.test(sid) && [dnis, number_connected, minutes, date].every((text) => plain.test(text ?? ''));
  return { sid, dnis, number_connected, minutes, date, isJsonSafe };
}
