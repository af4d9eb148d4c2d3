/** The audio formats in one table, so that each one can be both requested and uploaded. */
import { chooseOffer } from '../http/accept.ts';
import { type AudioFormat, audioFormats } from '../legacy/wire.ts';

export type { AudioFormat };
export { audioFormats };

export interface FormatEntry {
  readonly mediaType: AudioMediaType;
  /** Other media types that clients use for this format. */
  readonly aliases: readonly string[];
  /** Of file names, without the dot. */
  readonly extension: string;
}

export const audioMediaTypes = ['audio/wav', 'audio/mpeg'] as const;
type AudioMediaType = (typeof audioMediaTypes)[number];

/** The signatures are in `legacy/response/sniff.ts`, which runs before the format is known. */
export const formats: Readonly<Record<AudioFormat, FormatEntry>> = {
  wav: {
    mediaType: 'audio/wav',
    aliases: ['audio/x-wav', 'audio/wave', 'audio/vnd.wave', 'audio/x-pn-wav'],
    extension: 'wav',
  },
  mp3: {
    mediaType: 'audio/mpeg',
    aliases: ['audio/mp3', 'audio/x-mp3', 'audio/mpeg3', 'audio/x-mpeg', 'audio/x-mpeg-3'],
    extension: 'mp3',
  },
};

/** Every media type of a format. */
export const knownMediaTypes: readonly string[] = audioFormats.flatMap((format) => namesOf(format));

/** The first is the default. */
const offers = audioFormats.map((value) => ({ value, ...formats[value] }));

/** A format by name or file extension, with or without the dot and in any case; null for any other text. */
export function toAudioFormat(text: string): AudioFormat | null {
  const name = text.replace(/^\./, '').toLowerCase();
  return audioFormats.find((format) => formats[format].extension === name) ?? null;
}

/** The format that a `Content-Type` declares, parameters ignored; null for any other type. */
export function formatOfMediaType(contentType: string): AudioFormat | null {
  const [type = ''] = contentType.split(';');
  const name = type.trim().toLowerCase();
  return audioFormats.find((format) => namesOf(format).includes(name)) ?? null;
}

/** The format that `Accept` prefers; null if it allows neither. */
export function negotiateFormat(accept: string | null | undefined): AudioFormat | null {
  return chooseOffer<AudioFormat>(accept, offers);
}

function namesOf(format: AudioFormat): string[] {
  const { mediaType, aliases } = formats[format];
  return [mediaType, ...aliases];
}
