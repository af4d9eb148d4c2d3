/** The format of audio, as a client names it. */
import { z } from '@hono/zod-openapi';
import { toAudioFormat } from '../audio/negotiate.ts';

/** Any case, and with a leading dot, as the vendor's page writes it. */
export const AudioFormatSchema = z
  .string('must be wav or mp3')
  .transform(toAudioFormat)
  .pipe(z.enum(['wav', 'mp3'], { error: 'must be wav or mp3' }))
  .openapi('AudioFormat', {
    type: 'string',
    enum: ['wav', 'mp3'],
    description: 'The formats that the legacy service makes (documented).',
  });
