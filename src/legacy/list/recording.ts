/** One recording as the legacy service lists it. */
import type { ListWarning } from './list-warning.ts';

/** Each value is the legacy service's text, trimmed; null if the element is empty or missing. */
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
   * Whether the sid has only letters, digits, `-` and `_`, and no value needs escaping in JSON. The reader inspects
   * every character anyway, so that the JSON writer need not.
   */
  readonly isJsonSafe: boolean;
  /** About this recording and the text before it; absent without warnings. */
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
