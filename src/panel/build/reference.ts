/** Scalar's API reference as one script. */
import plugin from '@scalar/fastify-api-reference';

interface Route {
  readonly url: string;
  handler(request: unknown, reply: unknown): unknown;
}

/**
 * Takes the script from the Fastify plugin that serves it. The package with the script alone, @scalar/api-reference,
 * installs 317 others; this one installs 22.
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
