/** Hono and fast-xml-parser on Node. */
import { serve } from '@hono/node-server';
import { createPeer } from './hono.ts';

const { fetch } = createPeer(process.env.LEGACY_API_URL ?? '');
serve({ fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => console.log(`http://127.0.0.1:${port}`));
