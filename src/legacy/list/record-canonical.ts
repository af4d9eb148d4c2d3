/** The fast path for recordings in exactly the documented form; it leaves all other text to the parser. */
import type { LegacyRecording } from './recording.ts';

/** From the end of one recording to the end of the next. In characters; a longer recording is not canonical. */
export const maxCanonical = 4096;

/**
 * Strict by construction: one match is well-formed and contains only these five values. A value has no reference,
 * markup, `]` (so no `]]>`) or control character, nothing that XML forbids, and no character of two code units. A
 * space, which would have to be trimmed, is allowed only inside a date. No value needs escaping in JSON, so a
 * canonical recording is JSON-safe.
 */
const space = '[ \\t\\r\\n]*';
const sidChar = '[\\w-]';
const char = '[^\\x00-\\x20<&\\]"\\\\\\ud800-\\udfff\\ufffe\\uffff]';
const value = `${char}*`;
const dateTime = `(?:${char}+(?: ${char}+)?)?`;

const toElement = (name: string, text: string) => `(?:<${name}>(${text})</${name}>|<${name}/>)${space}`;

const recording = new RegExp(
  [
    `${space}<recording>${space}<sid>(${sidChar}+)</sid>${space}`,
    toElement('dnis', value),
    toElement('number_connected', value),
    toElement('minutes', value),
    toElement('date', dateTime),
    '</recording>',
  ].join(''),
  'y',
);

/** Starts between two recordings. Returns the end of the last consecutive canonical recording. */
export function readCanonical(
  text: string,
  from: number,
  emit: (recording: LegacyRecording) => void,
): number {
  let end = from;
  recording.lastIndex = from;
  for (let match = recording.exec(text); match; match = recording.exec(text)) {
    if (recording.lastIndex - end > maxCanonical) break;
    end = recording.lastIndex;
    emit({
      sid: match[1] ?? '',
      dnis: match[2] || null,
      number_connected: match[3] || null,
      minutes: match[4] || null,
      date: match[5] || null,
      isJsonSafe: true,
    });
  }
  return end;
}
