/** The emulated vendor's data of one recording. */
import type { StoredUpload } from './vendor-fetch.ts';

/** The five elements of the page, as text: the legacy API promises no types. */
export interface ListedRecording {
  readonly sid: string;
  readonly dnis: string;
  readonly number_connected: string;
  readonly minutes: string;
  readonly date: string;
}

export interface Recording extends ListedRecording {
  /** Length of its audio. */
  readonly seconds: number;
  /** How many downloads or removals still get "currently being processed". */
  asksUntilReady: number;
  readonly retrievalFails: boolean;
  readonly removalFails: boolean;
  /** The fetched file of an uploaded recording. */
  readonly upload: StoredUpload | null;
}

/** Defaults: four seconds of audio, ready at once. */
export type NewRecording = Partial<Recording> & { readonly sid: string };

export function createRecording(given: NewRecording): Recording {
  const seconds = given.seconds ?? (given.minutes ? Number(given.minutes) * 60 : 4);
  return {
    dnis: '8475551234',
    number_connected: '3125551265',
    minutes: toMinutes(seconds),
    date: '2019-02-20 20:42:11',
    asksUntilReady: 0,
    retrievalFails: false,
    removalFails: false,
    upload: null,
    ...given,
    seconds,
  };
}

/** Tenths of a minute, as the vendor reports them. */
export function toMinutes(seconds: number): string {
  return (seconds / 60).toFixed(1);
}

/** As on the page, without indentation; ends with a line break. */
export function toXml(recording: ListedRecording): string {
  return [
    '<recording>',
    `<sid>${escapeXml(recording.sid)}</sid>`,
    `<dnis>${escapeXml(recording.dnis)}</dnis>`,
    `<number_connected>${escapeXml(recording.number_connected)}</number_connected>`,
    `<minutes>${escapeXml(recording.minutes)}</minutes>`,
    `<date>${escapeXml(recording.date)}</date>`,
    '</recording>\n',
  ].join('\n');
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
