/**
 * Interprets the elements of a list: envelope, data, recordings, fields. A parser feeds it, in any order that XML
 * allows.
 */
import type { Envelope } from '../response/envelope.ts';
import { XmlError } from '../xml/error.ts';
import type { XmlHandler } from '../xml/parser.ts';
import { createWarningCollector, type ListWarning } from './list-warning.ts';
import { type LegacyRecording, toLegacyRecording } from './recording.ts';

/** The most text held for one recording or one element of the envelope, in characters. */
const maxText = 64 * 1024;

const fieldNames = ['sid', 'dnis', 'number_connected', 'minutes', 'date'] as const;
type FieldName = (typeof fieldNames)[number];

export interface RecordDocument extends XmlHandler {
  /** Whether the next element may be a recording: directly inside the data, outside any other element. */
  readonly isBetweenRecordings: boolean;
  /** The result as soon as it is known. */
  readonly result: Envelope['result'] | null;
  /** Null unless the document is complete and one of this API. */
  readonly envelope: Envelope | null;
  readonly hasWarnings: boolean;
  /** Returns the warnings since the last recording and clears them. */
  takeWarnings(): ListWarning[];
}

/** The handlers throw XmlError for a document that this API does not have. */
export function createRecordDocument(emit: (recording: LegacyRecording) => void): RecordDocument {
  const sections = new Set<string>();
  let depth = 0;
  let section = '';
  let result: Envelope['result'] | null = null;
  let description = '';
  let fields: Map<FieldName, string> | null = null;
  /** Length of the held text. */
  let size = 0;
  /** The text being collected; null where text is not allowed. */
  let text: string | null = null;
  let field: FieldName | null = null;
  /** Depth of the enclosing unknown element, whose content is ignored. */
  let ignored = 0;
  const outside = createWarningCollector();
  const inside = createWarningCollector();

  function open(name: string): void {
    depth += 1;
    if (ignored > 0) return;
    // PHP reads an element's own text, without the text of nested elements.
    if (text !== null) ignored = depth;
    else if (depth === 1) openRoot(name);
    else if (depth === 2) openSection(name);
    else if (depth === 3 && section === 'data' && name === 'recording') openRecording();
    else if (depth === 4 && fields) openField(fields, name);
    else ignored = depth;
  }

  function openRoot(name: string): void {
    if (name.slice(name.indexOf(':') + 1) !== 'response')
      throw new XmlError('XML that is not a response of this API');
  }

  function openSection(name: string): void {
    if (name !== 'result' && name !== 'result_description' && name !== 'data') {
      ignored = depth;
      return;
    }
    if (sections.has(name)) throw new XmlError(`a second ${name}`);
    sections.add(name);
    section = name;
    size = 0;
    if (name !== 'data') text = '';
  }

  function openRecording(): void {
    fields = new Map();
    size = 0;
  }

  function openField(known: Map<FieldName, string>, name: string): void {
    const found = fieldNames.find((fieldName) => fieldName === name);
    if (!found) {
      ignored = depth;
      return;
    }
    if (known.has(found)) throw new XmlError(`a recording with a second ${found}`);
    field = found;
    text = '';
  }

  function close(): void {
    if (ignored > 0) {
      if (ignored === depth) ignored = 0;
    } else if (depth === 2) closeSection();
    else if (depth === 3 && fields) closeRecording(fields);
    else if (depth === 4 && fields && field) {
      fields.set(field, trim(text ?? ''));
      field = null;
      text = null;
    }
    depth -= 1;
  }

  function closeSection(): void {
    if (section === 'result') result = parseResult(text ?? '');
    if (section === 'result_description') description = (text ?? '').trim();
    section = '';
    text = null;
  }

  function closeRecording(known: Map<FieldName, string>): void {
    fields = null;
    const sid = known.get('sid');
    if (!sid) {
      for (const { code } of inside.take('')) outside.add(code);
      outside.add('recording-without-sid');
      return;
    }
    const textOf = (name: FieldName) => known.get(name) || null;
    const recording = toLegacyRecording({
      sid,
      dnis: textOf('dnis'),
      number_connected: textOf('number_connected'),
      minutes: textOf('minutes'),
      date: textOf('date'),
    });
    const isClean = inside.isEmpty && outside.isEmpty;
    emit(isClean ? recording : { ...recording, warnings: [...outside.take(null), ...inside.take(sid)] });
  }

  function addText(more: string): void {
    // Text outside fields is ignored, as unknown elements are.
    if (ignored > 0 || text === null) return;
    size += more.length;
    if (size > maxText) throw new XmlError(`text of more than ${maxText} characters`);
    text += more;
  }

  return {
    open,
    close,
    text: addText,
    repaired: (repair) => (fields ? inside : outside).add(repair),
    get hasWarnings() {
      return !outside.isEmpty;
    },
    takeWarnings: () => outside.take(null),
    get isBetweenRecordings() {
      return depth === 2 && section === 'data' && ignored === 0;
    },
    get result() {
      return result;
    },
    get envelope() {
      return result && depth === 0 ? { result, description } : null;
    },
  };
}

function parseResult(text: string): Envelope['result'] {
  const result = text.trim().toLowerCase();
  if (result !== 'success' && result !== 'failed')
    throw new XmlError('a result that is neither success nor failed');
  return result;
}

/** White space as defined by XML; any other space belongs to the value. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d;
}

function trim(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isSpace(text.charCodeAt(from))) from += 1;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}
