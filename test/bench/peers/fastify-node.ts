/** Fastify with @fastify/reply-from and fast-xml-parser. */
import { text } from 'node:stream/consumers';
import replyFrom from '@fastify/reply-from';
import fastify from 'fastify';
import { toPage } from './hono.ts';

const legacy = new URL(process.env.LEGACY_API_URL ?? '');
const app = fastify();
app.register(replyFrom, { base: legacy.origin });
app.get<{ Querystring: Record<string, string> }>('/recordings', (request, reply) => {
  const { type = '', id = '', limit } = request.query;
  const [access_key = '', secret_access_key = ''] = atob(request.headers.authorization?.slice(6) ?? '').split(
    ':',
  );
  return reply.from(legacy.pathname, {
    queryString: () =>
      `${new URLSearchParams({ access_key, secret_access_key, action: 'recording.list', type, id })}`,
    rewriteHeaders: () => ({}),
    onResponse: async (_request, answer, upstream) => {
      const page = toPage(await text((upstream as { stream: NodeJS.ReadableStream }).stream), Number(limit));
      answer.header('content-type', 'application/json').send(JSON.stringify(page));
    },
  });
});
console.log(await app.listen({ host: '127.0.0.1', port: 0 }));
