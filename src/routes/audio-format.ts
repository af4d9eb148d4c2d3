/** The format and the rate of audio, as clients name them. */
import { z } from '@hono/zod-openapi';
import { audioFormats, toAudioFormat } from '../audio/formats.ts';

/** Any case, and with a leading dot, as the vendor's page writes it. */
export const AudioFormatSchema = z
  .string('must be wav or mp3')
  .transform(toAudioFormat)
  .pipe(z.enum(audioFormats, { error: 'must be wav or mp3' }))
  .openapi('AudioFormat', {
    type: 'string',
    enum: [...audioFormats],
    description: 'The audio formats of the legacy service (documented).',
  });

/** In hertz: within sane bounds rather than the vendor's short list. */
export const sampleRate = {
  minimum: 4000,
  maximum: 192_000,
  default: 8000,
  error: 'must be a whole number from 4000 to 192000',
} as const;
