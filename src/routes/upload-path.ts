/** Where the legacy service may be sent to fetch audio: a public URL, or a plain path as on the vendor's page. */
import { z } from '@hono/zod-openapi';

/** In characters. */
const maxPath = 2048;

export const PathSchema = z
  .string()
  .min(1, 'must not be empty')
  .max(maxPath, `must have at most ${maxPath} characters`)
  .superRefine((path, context) => {
    const fault = path === '' ? null : findFault(path);
    if (fault) context.addIssue({ code: 'custom', message: fault });
  })
  .openapi({
    description:
      'A public `http` or `https` URL of the audio, or a plain absolute path. Without credentials.',
    example: 'https://media.example.com/greeting.wav',
  });

function findFault(path: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0020\u007f-\u009f\u2028\u2029]/.test(path))
    return 'must have no white space or control characters';
  if (path.startsWith('//') || path.includes('\\')) return 'must not be a network path; write https://…';
  if (path.startsWith('/')) return null;
  const url = URL.canParse(path) ? new URL(path) : null;
  if (!url || !/^https?:\/\//i.test(path)) return 'must be an http or https URL, or an absolute path';
  if (url.username || url.password || /^https?:\/\/[^/?#]*@/i.test(path))
    return 'must have no credentials in it';
  return null;
}
