/** The minimum for a Worker: passes the legacy service's bytes on unchanged. */
import { env } from 'cloudflare:workers';

export default {
  fetch: (request: Request) => fetch(`${env.LEGACY_API_URL}${new URL(request.url).search}`),
};
