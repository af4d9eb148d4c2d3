/** The one place where audio leaves. */
import type { LegacyAudio } from '../legacy/download.ts';

export interface AudioRequest {
  readonly method: string;
  readonly sid: string;
  readonly format: 'wav' | 'mp3';
  /** Whether to answer as an attachment. */
  readonly download: boolean;
}

const mediaTypes = { wav: 'audio/wav', mp3: 'audio/mpeg' } as const;

export async function respondWithAudio(audio: LegacyAudio, request: AudioRequest): Promise<Response> {
  const { sid, format, download } = request;
  const headers = new Headers({
    'Content-Type': mediaTypes[format],
    'Content-Disposition': `${download ? 'attachment' : 'inline'}; filename="${sid}.${format}"`,
    'Cache-Control': 'private, no-store',
    Vary: 'Accept',
  });
  if (audio.length !== null) headers.set('Content-Length', String(audio.length));
  if (request.method === 'HEAD') {
    // Hono answers HEAD with the GET handler and drops the body without cancelling it.
    await audio.body.cancel();
    return new Response(null, { headers });
  }
  return new Response(audio.body.relay({ head: audio.head, length: audio.length }), { headers });
}
