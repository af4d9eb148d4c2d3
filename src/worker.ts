/** The Workers entry. */

import { env, waitUntil } from 'cloudflare:workers';
import type { R2Bucket } from '@cloudflare/workers-types';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { createWorkersTransport } from './legacy/transport-workers.ts';
import { createServices } from './services.ts';

const config = readConfig(env);

export default createApp(
  createServices(config, {
    transport: createWorkersTransport(fetch),
    bucket: (env.AUDIO_STORE as R2Bucket | undefined) ?? null,
    waitUntil,
    log: (event) => console.log(JSON.stringify(event)),
  }),
);
