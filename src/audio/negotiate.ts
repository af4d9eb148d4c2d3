/** Which format a client gets: what it names, else what its `Accept` prefers. */
import { type Accept, parseAccept } from 'hono/utils/accept';

export type AudioFormat = 'wav' | 'mp3';

export const mediaTypes: Readonly<Record<AudioFormat, string>> = { wav: 'audio/wav', mp3: 'audio/mpeg' };

/** Other names under which clients ask for the same. */
const aliases: Readonly<Record<AudioFormat, readonly string[]>> = {
  wav: ['audio/x-wav', 'audio/wave', 'audio/vnd.wave'],
  mp3: ['audio/mp3', 'audio/x-mp3'],
};

/** A format as people write it, with or without the dot of a file name and in any case; null where it is none. */
export function toAudioFormat(text: string): AudioFormat | null {
  const format = text.replace(/^\./, '').toLowerCase();
  return format === 'wav' || format === 'mp3' ? format : null;
}

/**
 * What `Accept` prefers (RFC 9110, section 12.5.1); null where it allows neither. Equally good, or no header: wav.
 * Hono's own `accepts` is not it: to that a more specific `q=0` does not exclude, nor a wildcard include, a type.
 */
export function negotiateFormat(accept: string | null | undefined): AudioFormat | null {
  const ranges = parseAccept(accept ?? '');
  if (ranges.length === 0) return 'wav';
  const [wav, mp3] = [toQuality('wav', ranges), toQuality('mp3', ranges)];
  if (wav === 0 && mp3 === 0) return null;
  return mp3 > wav ? 'mp3' : 'wav';
}

/** The weight that the most specific range gives the format, from 0 (refused, or not named) to 1. */
function toQuality(format: AudioFormat, ranges: readonly Accept[]): number {
  let best = { specificity: 0, q: 0 };
  for (const range of ranges) {
    const specificity = toSpecificity(format, range);
    const better = specificity > best.specificity || (specificity === best.specificity && range.q > best.q);
    if (specificity > 0 && better) best = { specificity, q: range.q };
  }
  return best.q;
}

/** 0 where the range does not speak of the format. */
function toSpecificity(format: AudioFormat, { type, params, q }: Accept): number {
  const hasParameters = Object.keys(params).some((name) => name.toLowerCase() !== 'q');
  // Our types have no parameters: refusing one that has some refuses nothing, wishing for one is worth a try.
  if (hasParameters && q === 0) return 0;
  const name = type.toLowerCase();
  if (name === '*/*' || name === '*') return 1;
  if (name === 'audio/*') return 2;
  if (aliases[format].includes(name)) return 3;
  if (name === mediaTypes[format]) return hasParameters ? 4 : 5;
  return 0;
}
