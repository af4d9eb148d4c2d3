/** The least that a Worker can do: the legacy's own bytes, untouched. */
import { env } from 'cloudflare:workers';

export default {
  fetch: (request: Request) => fetch(`${env.LEGACY_API_URL}${new URL(request.url).search}`),
};
