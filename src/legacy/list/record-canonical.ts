/** The fast way for recordings in exactly the form that the service documents; whatever else there is, it leaves. */
import type { LegacyRecording } from './recording.ts';

/** From the end of one recording to the end of the next. In characters; a longer one is not canonical. */
export const maxCanonical = 4096;

/**
 * Strict by construction: what one match covers is well-formed and says nothing but these five values. A value has no
 * reference, no markup, no `]` (so no `]]>`), no control character, and nothing that XML rules out or that stands for
 * more than one code unit; the space, which would have to be trimmed, only inside a date. Nor has it anything that JSON
 * has to escape: what is canonical is plain.
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

/** Reads on from a place between two recordings. Returns where the last canonical one in a row ends. */
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
