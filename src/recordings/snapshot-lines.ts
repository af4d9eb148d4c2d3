/**
 * The content of a snapshot: one line of JSON per recording, as clients see it. A line with an array holds the
 * warnings about the recording on the next line, or at the end those about text after the last recording.
 */
import type { ListWarning } from '../legacy/list/list-warning.ts';
import type { LegacyRecording } from '../legacy/list/recording.ts';
import type { Listed } from './page.ts';
import type { Recording } from './recording.ts';

/** A recording as clients see it. */
export interface StoredRecording extends Listed {
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

/** Without parsing the line, which most pages copy as it is. */
function toStored(json: string, offset: number, warnings: readonly ListWarning[]): StoredRecording {
  const sid = readText(json, '{"sid":');
  const date = readText(json, ',"date":');
  const isPlain = sid !== undefined && date !== undefined;
  const named = isPlain ? { sid: sid ?? '', date } : parseRecording(json);
  return { sid: named.sid, date: named.date, json, offset, ...(warnings.length > 0 && { warnings }) };
}

export function parseRecording(json: string): Recording {
  return JSON.parse(json);
}

/**
 * The value of a member, undefined where it has an escape. The text of a member's name cannot be part of a value, where
 * its quotation marks are escaped.
 */
function readText(json: string, member: string): string | null | undefined {
  const start = json.indexOf(member) + member.length;
  if (json[start] !== '"') return null;
  const text = json.slice(start + 1, json.indexOf('"', start + 1));
  return text.includes('\\') ? undefined : text;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: false });
const encoder = new TextEncoder();
