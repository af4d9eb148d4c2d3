/** Scalar's API reference as one script. */
import plugin from '@scalar/fastify-api-reference';

interface Route {
  readonly url: string;
  handler(request: unknown, reply: unknown): unknown;
}

/**
 * The script that the Fastify plugin serves, asked of the plugin itself. The package of the same script alone,
 * @scalar/api-reference, brings 317 others along; this one brings 22.
 */
export async function readReferenceBundle(): Promise<string> {
  const routes: Route[] = [];
  const server = { route: (route: Route) => routes.push(route), initialConfig: {} };
  const options = { routePrefix: '/docs', configuration: { content: {} } };
  const register = plugin as unknown as (server: unknown, options: unknown, done: () => void) => unknown;
  await register(server, options, () => {});
  const script = routes.find(({ url }) => url.endsWith('.js'));
  let sent: unknown;
  const reply = {
    header: () => reply,
    send: (body: unknown) => {
      sent = body;
      return reply;
    },
  };
  await script?.handler({}, reply);
  if (typeof sent !== 'string' || !sent.includes('createApiReference')) {
    throw new Error('@scalar/fastify-api-reference no longer serves its script as it did');
  }
  return sent;
}
