/** Schemas of the format and sample rate of audio. */
import { z } from '@hono/zod-openapi';
import { audioFormats, toAudioFormat } from '../audio/formats.ts';

/** In any case and with an optional leading dot, as on the vendor's page. */
export const AudioFormatSchema = z
  .string('must be wav or mp3')
  .transform(toAudioFormat)
  .pipe(z.enum(audioFormats, { error: 'must be wav or mp3' }))
  .openapi('AudioFormat', {
    type: 'string',
    enum: [...audioFormats],
    description: 'The audio formats of the legacy service (documented).',
  });

/** In hertz: wider bounds than the vendor's short list. */
export const sampleRate = {
  minimum: 4000,
  maximum: 192_000,
  default: 8000,
  error: 'must be a whole number from 4000 to 192000',
} as const;
