/** Which format a client gets: what it names, else what its `Accept` prefers. */
import { chooseOffer } from '../http/accept.ts';

export type AudioFormat = 'wav' | 'mp3';

export const mediaTypes: Readonly<Record<AudioFormat, string>> = { wav: 'audio/wav', mp3: 'audio/mpeg' };

/** The first is what everybody gets who does not mind. */
const offers = [
  { value: 'wav', mediaType: mediaTypes.wav, aliases: ['audio/x-wav', 'audio/wave', 'audio/vnd.wave'] },
  { value: 'mp3', mediaType: mediaTypes.mp3, aliases: ['audio/mp3', 'audio/x-mp3'] },
] as const;

/** A format as people write it, with or without the dot of a file name and in any case; null where it is none. */
export function toAudioFormat(text: string): AudioFormat | null {
  const format = text.replace(/^\./, '').toLowerCase();
  return format === 'wav' || format === 'mp3' ? format : null;
}

/** What `Accept` prefers; null where it allows neither. */
export function negotiateFormat(accept: string | null | undefined): AudioFormat | null {
  return chooseOffer<AudioFormat>(accept, offers);
}
