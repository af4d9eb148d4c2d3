/** The recording as clients see it, and the same as a line of JSON. */

import type { RecordedAt } from '../legacy/recorded-at.ts';
import type { LegacyRecording } from '../legacy/recording.ts';

export interface Recording {
  readonly sid: string;
  readonly dnis: string | null;
  readonly number_connected: string | null;
  readonly minutes: number | null;
  readonly duration_seconds: number | null;
  /** The legacy's wall-clock text, untouched. */
  readonly date: string | null;
  /** RFC 3339 with offset. */
  readonly recorded_at: string | null;
  readonly audio_url: string;
}

export function toRecording(raw: LegacyRecording, recordedAt: RecordedAt): Recording {
  const minutes = toMinutes(raw.minutes);
  return {
    sid: raw.sid,
    dnis: raw.dnis,
    number_connected: raw.number_connected,
    minutes,
    duration_seconds: toSeconds(minutes),
    date: raw.date,
    recorded_at: recordedAt(raw.date),
    audio_url: toAudioUrl(raw.sid),
  };
}

/** The text of JSON.stringify(toRecording(...)) at thrice its speed: an export is made of little else. */
export function toJsonLine(raw: LegacyRecording, recordedAt: RecordedAt): string {
  const { sid, dnis, number_connected, minutes, date } = raw;
  const moment = recordedAt(date);
  // A date that is a time needs no second look.
  if (!isPlain(sid) || !isPlain(dnis) || !isPlain(number_connected) || !(moment || isPlain(date))) {
    return JSON.stringify(toRecording(raw, recordedAt));
  }
  const when = moment ? `"${moment}"` : 'null';
  return `{"sid":"${sid}","dnis":"${dnis}","number_connected":"${number_connected}",${durationJson(minutes)},"date":"${date}","recorded_at":${when},"audio_url":"${toAudioUrl(sid)}"}`;
}

/** Writing a fraction costs more than the rest of a line, and most calls are as long as another one. Bounded. */
const durations = new Map<string, string>();
const maxDurations = 1000;

function durationJson(text: string | null): string {
  const known = durations.get(text ?? '');
  if (known !== undefined) return known;
  const minutes = toMinutes(text);
  const json = `"minutes":${minutes},"duration_seconds":${toSeconds(minutes)}`;
  if (durations.size === maxDurations) durations.clear();
  durations.set(text ?? '', json);
  return json;
}

/** Decimal digits alone: neither a sign nor an exponent is a length of time. */
function toMinutes(text: string | null): number | null {
  return text !== null && /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : null;
}

function toSeconds(minutes: number | null): number | null {
  return minutes === null ? null : Math.round(minutes * 60);
}

/** Where the recording's audio is. A URL, so nothing in it that JSON would have to escape. */
function toAudioUrl(sid: string): string {
  // The known sids are digits: a look at each is faster than to have them encoded.
  return `/recordings/${isUnreserved(sid) ? sid : encodeURIComponent(sid)}/audio`;
}

function isUnreserved(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if ((code < 0x30 || code > 0x39) && (code < 0x41 || code > 0x5a) && (code < 0x61 || code > 0x7a))
      return false;
  }
  return true;
}

/** Whether it stands in JSON as it is, between quotes. A loop, which beats a regular expression on texts so short. */
function isPlain(text: string | null): boolean {
  if (text === null) return false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x22 || code === 0x5c || (code >= 0xd800 && code <= 0xdfff)) return false;
  }
  return true;
}
