/** The warnings of a page as clients see them. */
import type { ListWarning, ListWarningCode } from '../legacy/list/list-warning.ts';

export interface PageWarning {
  readonly code: ListWarningCode;
  readonly detail: string;
  /** Absent if the warning belongs to no recording of the page. */
  readonly sid?: string;
}

const details: Readonly<Record<Exclude<ListWarningCode, 'recording-without-sid'>, string>> = {
  'unescaped-ampersand': 'An unescaped ampersand is kept as text.',
  'html-entity': 'An HTML entity that XML does not define is decoded.',
  'invalid-character': 'A character that XML does not allow is replaced by U+FFFD.',
  'invalid-bytes': 'Bytes that are not in the encoding of the list are replaced by U+FFFD.',
  'encoding-mismatch':
    'Bytes that are not in the encoding that the list declares are read as Content-Type, a byte order mark or Windows-1252 has them.',
};

export const listWarningCodes = [
  'unescaped-ampersand',
  'html-entity',
  'invalid-character',
  'invalid-bytes',
  'encoding-mismatch',
  'recording-without-sid',
] as const satisfies readonly ListWarningCode[];

/** One per code and sid; those without a sid are added up. */
export function toPageWarnings(warnings: readonly ListWarning[]): readonly PageWarning[] {
  const counts = new Map<ListWarningCode, number>();
  const named: PageWarning[] = [];
  for (const { code, sid, count } of warnings) {
    if (sid === null) counts.set(code, (counts.get(code) ?? 0) + count);
    else named.push({ code, detail: toDetail(code, count), sid });
  }
  return [...Array.from(counts, ([code, count]) => ({ code, detail: toDetail(code, count) })), ...named];
}

function toDetail(code: ListWarningCode, count: number): string {
  if (code !== 'recording-without-sid') return details[code];
  return count === 1
    ? 'One recording has no sid and is left out.'
    : `${count} recordings have no sid and are left out.`;
}
