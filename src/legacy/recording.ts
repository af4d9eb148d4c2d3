/** One recording as the legacy lists it. */

/** Each value is the legacy's text without white space around it; null where the element is empty or missing. */
export interface LegacyRecording {
  /** Never empty. */
  readonly sid: string;
  readonly dnis: string | null;
  readonly number_connected: string | null;
  readonly minutes: string | null;
  readonly date: string | null;
}
