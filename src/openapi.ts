/** The document's own texts, and how it is made from the routes. */
import type { App } from './routes/gateway.ts';

const description = `Call recordings as resources: list, play, delete and upload them.

The gateway translates to the legacy call-recording API, whose vocabulary it keeps (\`sid\`, \`dnis\`, \`number_connected\`,
\`sample_rate\`, \`delete_now\`), and answers with honest HTTP. Every error is an RFC 9457 problem whose \`type\` resolves.`;

/** The OpenAPI 3.1 document of the application. */
export function toDocument(app: App) {
  app.openAPIRegistry.registerComponent('securitySchemes', 'basic', {
    type: 'http',
    scheme: 'basic',
    description:
      "The account's own keys: the access key as user, the secret access key as password. For servers and scripts.",
  });
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Recordings gateway',
      version: '1.0.0',
      description,
    },
    servers: [{ url: '/', description: 'The gateway that serves this document.' }],
    tags: [
      { name: 'Recordings', description: 'Recordings of calls.' },
      { name: 'Audio', description: 'What was said.' },
      { name: 'Uploads', description: 'Audio on its way to the legacy service.' },
      { name: 'Service', description: 'The gateway about itself.' },
    ],
  });
}
