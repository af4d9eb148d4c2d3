/** Spells names of encodings as the Encoding Standard does: libxml knows more of them, with any punctuation. */

const spellings: readonly (readonly [RegExp, string])[] = [
  [/^(?:iso)?8859(\d\d?)$/, 'iso-8859-$1'],
  [/^(?:iso)?latin([1-6])$/, 'latin$1'],
  [/^latin9$/, 'iso-8859-15'],
  [/^latin10$/, 'iso-8859-16'],
  [/^(?:windows|cp|ibm|ms)(125\d|874)$/, 'windows-$1'],
  [/^msansi$/, 'windows-1252'],
  [/^tis620$/, 'windows-874'],
  [/^koi8([ru])$/, 'koi8-$1'],
  [/^cp866$/, 'ibm866'],
  [/^macroman$/, 'macintosh'],
  [/^maccyrillic$/, 'x-mac-cyrillic'],
  [/^(?:eucjp(?:win|ms)?|ujis)$/, 'euc-jp'],
  [/^(?:(?:cp|windows)932|sjiswin|mskanji)$/, 'shift_jis'],
  [/^(?:euckr|uhc|(?:cp|ms)949)$/, 'euc-kr'],
  [/^(?:euccn|gb2312|(?:cp|ms|windows)936)$/, 'gbk'],
  [/^gb18030$/, 'gb18030'],
  [/^(?:big5(?:hkscs)?|bigfive|(?:cp|ms|windows)950)$/, 'big5'],
  [/^(?:usascii|iso646us|(?:cp|ibm)367)$/, 'us-ascii'],
  [/^utf(8|16[bl]e)$/, 'utf-$1'],
];

/** `label` in lower case. Unchanged if no other spelling is known. */
export function respell(label: string): string {
  const name = label.replace(/[^a-z0-9]/g, '');
  const found = spellings.find(([pattern]) => pattern.test(name));
  return found ? name.replace(...found) : label;
}
