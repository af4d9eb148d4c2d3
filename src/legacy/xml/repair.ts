/** Repairs single characters of a document as it arrives, and reports each repair; markup passes through unchanged. */
import { XmlError } from './error.ts';
import { maxReference, readReference } from './reference.ts';
import { marks } from './text-source.ts';

/** A character that makes libxml reject the whole document. */
export type XmlRepair =
  | 'unescaped-ampersand'
  | 'html-entity'
  | 'invalid-character'
  | 'invalid-bytes'
  | 'encoding-mismatch';

export interface RepairTarget {
  /** Whether the root element is closed. */
  readonly isClosed: boolean;
  write(text: string): void;
  /** Reports a repair in the text written last. */
  repaired(repair: XmlRepair): void;
}

export interface Repairer {
  /** Whether all text has been written and the next character is outside markup. */
  readonly isIdle: boolean;
  write(text: string): void;
  end(): void;
}

type Context = 'text' | 'tag' | 'double' | 'single' | 'comment' | 'cdata' | 'target' | 'instruction';

/** XML 1.0, section 2.2. In a Unicode expression, these surrogates are the unpaired ones, such as our markers. */
const invalid = '\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufffe\\uffff';
const atChars = (chars: string) => new RegExp(`[${chars}${invalid}]`, 'gu');
const atEnd = (end: string) => new RegExp(`${end}|[${invalid}]`, 'gu');

/** For each context, the next position that needs a decision. */
const stops: Readonly<Record<Context, RegExp>> = {
  text: atChars('<&'),
  tag: atChars('"\'>'),
  double: atChars('"&'),
  single: atChars("'&"),
  comment: atEnd('-->'),
  cdata: atEnd('\\]\\]>'),
  target: atChars(' \\t\\r\\n?'),
  instruction: atEnd('\\?>'),
};
const ends = new Set(['"', "'", '>', '-->', ']]>', '?>', ' ', '\t', '\r', '\n']);

const openings = [
  ['<!--', 'comment'],
  ['<![CDATA[', 'cdata'],
  ['<?', 'target'],
] as const;

/** The parser judges the structure: text that looks like markup here is passed on unchanged. */
export function createRepairer(target: RepairTarget): Repairer {
  let context: Context = 'text';
  /** Text whose meaning depends on what follows. */
  let pending = '';
  /** libxml reads a document as a C string: a zero byte after the root element ends it. */
  let isOver = false;

  function read(text: string, isLast: boolean): void {
    let from = 0;
    let at = 0;
    for (let match = find(text, at); match && !isOver; match = find(text, at)) {
      const { index, 0: found } = match;
      if (!isLast && isOpen(text, index)) {
        hold(text, from, index);
        return;
      }
      if (found === '<') {
        const [start, next] = openings.find(([name]) => text.startsWith(name, index)) ?? ['<', 'tag'];
        context = next;
        at = index + start.length;
      } else if (found === '&') {
        const step = readReference(text, index);
        at = step.end;
        if (step.repair) {
          pass(text, from, index);
          target.write(step.text);
          target.repaired(step.repair);
          from = at;
        }
      } else if (found === '?') {
        // The parser reads `<?a?b?>` as `<?a ?b?>`, and only the second is well-formed (XML 1.0, section 2.6).
        if (text[index + 1] !== '>') {
          pass(text, from, index);
          throw new XmlError('XML that is not well-formed');
        }
        context = 'text';
        at = index + 2;
      } else if (ends.has(found)) {
        context = afterStop(context, found);
        at = index + found.length;
      } else {
        at = index + 1;
        const isName = context === 'tag' || context === 'target';
        if (isName && found !== marks.reread) continue;
        pass(text, from, index);
        from = at;
        replace(found);
      }
    }
    if (isOver) return;
    const open = isLast ? text.length : Math.max(at, text.length - openEnd(text));
    hold(text, from, open);
  }

  function find(text: string, at: number): RegExpExecArray | null {
    const stop = stops[context];
    stop.lastIndex = at;
    return stop.exec(text);
  }

  function pass(text: string, from: number, to: number): void {
    if (to > from) target.write(text.slice(from, to));
  }

  function hold(text: string, from: number, to: number): void {
    pass(text, from, to);
    pending = text.slice(to);
  }

  /** Replaces one character that XML forbids. After the root element, where text is not allowed, it is dropped. */
  function replace(char: string): void {
    if (char === marks.reread) {
      target.repaired('encoding-mismatch');
      return;
    }
    const isOutside = context === 'text' && target.isClosed;
    isOver = isOutside && char === '\0';
    const isBytes = char >= '\ud800' && char <= '\udfff';
    if (!isOutside) target.write('\ufffd');
    target.repaired(isBytes ? 'invalid-bytes' : 'invalid-character');
  }

  /** How many characters at the end may start the end of the context. */
  function openEnd(text: string): number {
    const isSection = context === 'comment' || context === 'cdata' || context === 'instruction';
    return isSection ? (/[-\]?]{1,2}$/.exec(text)?.[0].length ?? 0) : 0;
  }

  return {
    get isIdle() {
      return pending === '' && context === 'text';
    },
    write(more) {
      const text = pending + more;
      pending = '';
      read(text, false);
    },
    end() {
      const text = pending;
      pending = '';
      read(text, true);
    },
  };
}

/** Whether more text is needed to tell what this `<`, `&` or `?` starts. */
function isOpen(text: string, index: number): boolean {
  if (text[index] === '&') {
    return text.length - index < maxReference && /^&#?\w*$/.test(text.slice(index));
  }
  if (text[index] === '?') return index + 1 === text.length;
  const opening = text.slice(index, index + 9);
  return openings.some(([start]) => opening.length < start.length && start.startsWith(opening));
}

function afterStop(context: Context, found: string): Context {
  if (context === 'target') return 'instruction';
  if (context !== 'tag') return context === 'double' || context === 'single' ? 'tag' : 'text';
  return found === '"' ? 'double' : found === "'" ? 'single' : 'text';
}
