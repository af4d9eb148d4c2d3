/** The list as most would write it with Hono and fast-xml-parser: the same route, with the whole response at once. */
import { XMLParser } from 'fast-xml-parser';
import { Hono } from 'hono';

export function createPeer(legacyUrl: string): Hono {
  const app = new Hono();
  app.get('/recordings', async (c) => {
    const [access_key = '', secret_access_key = ''] = atob(
      c.req.header('Authorization')?.slice(6) ?? '',
    ).split(':');
    const { type = '', id = '', limit } = c.req.query();
    const query = new URLSearchParams({ access_key, secret_access_key, action: 'recording.list', type, id });
    const answer = await fetch(`${legacyUrl}?${query}`);
    return c.json(toPage(await answer.text(), Number(limit)));
  });
  return app;
}

const parser = new XMLParser({ parseTagValue: false, isArray: (name) => name === 'recording' });

export function toPage(xml: string, limit: number) {
  const { response } = parser.parse(xml);
  const recordings = response.data.recording.slice(0, limit).map((recording: Record<string, string>) => ({
    ...recording,
    minutes: Number(recording.minutes),
    audio_url: `/recordings/${recording.sid}/audio`,
  }));
  return { recordings, next_cursor: null };
}
