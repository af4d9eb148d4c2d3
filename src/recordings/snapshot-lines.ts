/**
 * The content of a snapshot: one line of JSON per recording, as clients see it. A line with an array holds the
 * warnings about the recording on the next line, or at the end those about text after the last recording.
 */
import type { ListWarning } from '../legacy/list/list-warning.ts';
import type { LegacyRecording } from '../legacy/list/recording.ts';
import { concatBytes } from '../primitives/bytes.ts';
import type { Listed } from './page.ts';
import type { Recording } from './recording.ts';

/** A recording as clients see it. */
export interface StoredRecording extends Listed {
  readonly json: string;
  /** Offset of its first line in the snapshot, in bytes. */
  readonly offset: number;
  readonly span: Span;
}

/** The bytes of a recording's JSON, in those of all lines that were read together. */
interface Span {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
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
  for (let start = 0; start < bytes.length; ) {
    const lineEnd = bytes.indexOf(lineFeed, start);
    const line = isAscii ? text.slice(start, lineEnd) : decoder.decode(bytes.subarray(start, lineEnd));
    if (line.startsWith('[')) {
      warnings = JSON.parse(line);
    } else {
      const span = { bytes, start, end: lineEnd };
      recordings.push({
        ...toListed(line),
        json: line,
        offset: end,
        span,
        ...(warnings.length > 0 && { warnings }),
      });
      warnings = [];
      end = offset + lineEnd + 1;
    }
    start = lineEnd + 1;
  }
  return { recordings, warnings, end };
}

/** Without parsing the line, which most pages copy as it is. */
function toListed(json: string): Pick<Listed, 'sid' | 'date'> {
  const sid = readText(json, '{"sid":');
  const date = readText(json, ',"date":');
  const isPlain = sid !== undefined && date !== undefined;
  return isPlain ? { sid: sid ?? '', date } : parseRecording(json);
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

/** The recordings as the members of a JSON array, copied as bytes. */
export function joinStored(recordings: readonly StoredRecording[]): Uint8Array {
  const runs: Uint8Array[] = [];
  let first: Span | null = null;
  for (const [index, { span }] of recordings.entries()) {
    first ??= span;
    const next = recordings[index + 1]?.span;
    if (next?.bytes === span.bytes && next.start === span.end + 1) continue;
    runs.push(first.bytes.subarray(first.start, span.end + 1));
    first = null;
  }
  const joined = concatBytes(runs).slice(0, -1);
  // JSON escapes the line feeds of texts, so each one left is the end of a line.
  for (let at = joined.indexOf(lineFeed); at >= 0; at = joined.indexOf(lineFeed, at)) joined[at] = comma;
  return joined;
}

const lineFeed = 10;
const comma = 0x2c;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: false });
