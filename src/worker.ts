/** The Workers entry. */
import { env } from 'cloudflare:workers';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { createWorkersTransport } from './legacy/transport-workers.ts';
import { createServices } from './services.ts';

const config = readConfig(env);

export default createApp(
  createServices(config, {
    transport: createWorkersTransport(fetch),
    log: (event) => console.log(JSON.stringify(event)),
  }),
);
