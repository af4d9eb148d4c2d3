/**
 * The content of a snapshot: one line of JSON per recording, as clients see it. A line with an array holds the
 * warnings about the recording on the next line, or at the end those about text after the last recording.
 */
import type { ListWarning } from '../legacy/list/list-warning.ts';
import type { LegacyRecording } from '../legacy/list/recording.ts';
import type { Filterable } from './list-filter.ts';
import type { Listed } from './page.ts';
import type { Recording } from './recording.ts';

/** A recording as clients see it, parsed as far as needed. */
export interface StoredRecording extends Listed, Filterable {
  readonly json: string;
  /** Offset of its first line in the snapshot, in bytes. */
  readonly offset: number;
}

export type ToLine = (recording: LegacyRecording) => string;

export function toLines(recordings: readonly LegacyRecording[], toLine: ToLine): string {
  let lines = '';
  for (const recording of recordings) {
    lines += `${warningsLine(recording.warnings ?? [])}${toLine(recording)}\n`;
  }
  return lines;
}

export function warningsLine(warnings: readonly ListWarning[]): string {
  return warnings.length > 0 ? `${JSON.stringify(warnings)}\n` : '';
}

export interface ParsedLines {
  readonly recordings: readonly StoredRecording[];
  /** Warnings whose recording is not among the lines. */
  readonly warnings: readonly ListWarning[];
  /** Offset of the first of these warnings, or of the bytes after the lines. */
  readonly end: number;
}

/** Takes complete lines; `offset` is that of the first one in the snapshot. */
export function parseLines(bytes: Uint8Array, offset: number): ParsedLines {
  const text = decoder.decode(bytes);
  const isAscii = text.length === bytes.length;
  const recordings: StoredRecording[] = [];
  let warnings: readonly ListWarning[] = [];
  let end = offset;
  let lengthBytes = 0;
  for (let at = 0; at < text.length; ) {
    const lineEnd = text.indexOf('\n', at);
    const line = text.slice(at, lineEnd);
    lengthBytes += (isAscii ? line.length : encoder.encode(line).length) + 1;
    at = lineEnd + 1;
    if (line.startsWith('[')) {
      warnings = JSON.parse(line);
      continue;
    }
    recordings.push(toStored(line, end, warnings));
    warnings = [];
    end = offset + lengthBytes;
  }
  return { recordings, warnings, end };
}

function toStored(json: string, offset: number, warnings: readonly ListWarning[]): StoredRecording {
  let parsed: Recording | undefined;
  const read = (): Recording => {
    parsed ??= JSON.parse(json) as Recording;
    return parsed;
  };
  return {
    json,
    offset,
    ...(warnings.length > 0 && { warnings }),
    get sid() {
      return plainSid(json) ?? read().sid;
    },
    get dnis() {
      return read().dnis;
    },
    get number_connected() {
      return read().number_connected;
    },
    get minutes() {
      return read().minutes;
    },
    get date() {
      return read().date;
    },
  };
}

const sidStart = '{"sid":"';

/** Reads the sid without parsing the line, since searches need nothing else. Null if the sid has an escape. */
function plainSid(json: string): string | null {
  const sid = json.slice(sidStart.length, json.indexOf('"', sidStart.length));
  return sid.includes('\\') ? null : sid;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: false });
const encoder = new TextEncoder();
