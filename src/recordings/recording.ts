/** The recording as clients see it, as an object and as a line of JSON. */

import type { LegacyRecording } from '../legacy/list/recording.ts';
import type { RecordedAt } from './recorded-at.ts';

export interface Recording {
  readonly sid: string;
  readonly dnis: string | null;
  readonly number_connected: string | null;
  readonly minutes: number | null;
  readonly duration_seconds: number | null;
  /** The legacy service's wall-clock text, unchanged. */
  readonly date: string | null;
  /** RFC 3339 with offset. */
  readonly recorded_at: string | null;
  readonly audio_url: string;
}

/** `basePath` is the start of the link; see `PUBLIC_URL`. */
export function toRecording(raw: LegacyRecording, recordedAt: RecordedAt, basePath = ''): Recording {
  const minutes = toMinutes(raw.minutes);
  return {
    sid: raw.sid,
    dnis: raw.dnis,
    number_connected: raw.number_connected,
    minutes,
    duration_seconds: toSeconds(minutes),
    date: raw.date,
    recorded_at: recordedAt(raw.date),
    audio_url: `${basePath}/recordings/${encodeURIComponent(raw.sid)}/audio`,
  };
}

/** The text of JSON.stringify(toRecording(...)), several times as fast: it is most of the work of an export. */
export function toJsonLine(raw: LegacyRecording, recordedAt: RecordedAt, basePath = ''): string {
  const { sid, dnis, number_connected, minutes, date, isJsonSafe } = raw;
  if (!isJsonSafe) return JSON.stringify(toRecording(raw, recordedAt, basePath));
  const moment = recordedAt(date);
  const dialled = dnis === null ? '"dnis":null' : `"dnis":"${dnis}"`;
  const connected =
    number_connected === null ? '"number_connected":null' : `"number_connected":"${number_connected}"`;
  const written = date === null ? '"date":null' : `"date":"${date}"`;
  const recorded = moment === null ? '"recorded_at":null' : `"recorded_at":"${moment}"`;
  return `{"sid":"${sid}",${dialled},${connected},${durationJson(minutes)},${written},${recorded},"audio_url":"${basePath}/recordings/${sid}/audio"}`;
}

/** Formatting a fraction costs more than the rest of a line, and many calls have the same length. Bounded. */
const durations = new Map<string | null, string>();
const maxDurations = 1000;

function durationJson(text: string | null): string {
  const known = durations.get(text);
  if (known !== undefined) return known;
  const minutes = toMinutes(text);
  const json = `"minutes":${minutes},"duration_seconds":${toSeconds(minutes)}`;
  if (durations.size === maxDurations) durations.clear();
  durations.set(text, json);
  return json;
}

/** Decimal digits only: a length of time has neither sign nor exponent. */
function toMinutes(text: string | null): number | null {
  return text !== null && /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : null;
}

/** Takes minutes as a number or as the legacy service's text; null for other text. */
export function toSeconds(minutes: number | string | null): number | null {
  const number = typeof minutes === 'string' ? toMinutes(minutes) : minutes;
  return number === null ? null : Math.round(number * 60);
}
