/** Hono and fast-xml-parser on Workers. */
import { env } from 'cloudflare:workers';
import { createPeer } from './hono.ts';

export default createPeer(String(env.LEGACY_API_URL));
