/** Completes the OpenAPI 3.1 document: its own texts, and details that the routes' declarations omit. */

import { scopeDescriptions } from '../src/auth/scopes.ts';
import type { App } from '../src/middleware/app-env.ts';
import { commonHeaders, headerComponents } from '../src/openapi/headers.ts';
import type { Json, JsonObject } from '../src/openapi/json.ts';
import { requestHeaderParameters } from '../src/openapi/request-headers.ts';
import { ProblemSchema } from '../src/openapi/schemas.ts';
import { problemExamples } from './examples.ts';

const description = `Call recordings as resources: list, play, delete, upload and export them.

The gateway translates to the legacy call-recording API. It keeps the legacy names (\`sid\`, \`dnis\`, \`number_connected\`,
\`sample_rate\`, \`delete_now\`) and uses HTTP statuses as HTTP defines them.

**Access.** A server sends the account's keys by HTTP Basic. An app sends a token as \`Authorization: Bearer\`: its server gets
the token by \`issueToken\`, or the identity provider of the operator issues it. A player that cannot send headers uses a URL
from \`createAudioLink\`.

**Errors.** Every error is an RFC 9457 problem, \`application/problem+json\`, except those of the token endpoint, which have
OAuth's form. Branch on \`type\`; its URL documents the problem. Quote \`request_id\` when you contact the operator.

**Retries.** Wait for \`Retry-After\` seconds if the response has it. You can safely repeat every request except an upload.
Repeat an upload with the \`Idempotency-Key\` of the first attempt.

**Versions.** \`info.version\` is the version of this API. A minor version adds: operations, optional parameters, members of
responses, problem types, media types, and values of an enum that a response has. Ignore what you do not know. A major version
breaks: it removes or renames one of these, makes a parameter required, or narrows what a parameter accepts. It gets a path of its
own, such as \`/v2\`; the previous version then works for at least 12 months, and its responses carry \`Deprecation\` and
\`Sunset\` headers. Texts for people (\`title\`, \`detail\`) and the order of members may change at any time.

Descriptions say how sure their facts about the legacy service are: *documented* on the vendor's page, *observed* in code
that called the service, or *assumed* by this gateway.`;

const securitySchemes = {
  basic: {
    type: 'http',
    scheme: 'basic',
    description:
      "The account's keys, for servers and scripts: the access key is the username, the secret access key the password.",
  },
  oauth2: {
    type: 'oauth2',
    description:
      "A token of the gateway. It contains the account's keys, sealed, and allows the scopes requested.",
    flows: { clientCredentials: { tokenUrl: '/oauth/token', scopes: scopeDescriptions } },
  },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A token of the gateway, or a JWT of the identity provider that the operator has configured.',
  },
  audioLink: {
    type: 'apiKey',
    in: 'query',
    name: 'token',
    description: 'Part of the URL that `createAudioLink` returns. Opens the audio of that link only.',
  },
} as const;

/** Uses only the declarations of the application; no handler runs. */
export function toDocument(app: App): JsonObject {
  const registry = app.openAPIRegistry;
  registry.register('Problem', ProblemSchema);
  for (const [name, scheme] of Object.entries(securitySchemes))
    registry.registerComponent('securitySchemes', name, scheme);
  for (const [name, header] of Object.entries(headerComponents))
    registry.registerComponent('headers', name, header);
  for (const [slug, example] of Object.entries(problemExamples))
    registry.registerComponent('examples', slug, example);
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Recordings gateway', version: '1.0.0', description },
    servers: [{ url: '/', description: 'The gateway that serves this document.' }],
    tags: [
      { name: 'Recordings', description: 'List and delete recordings of calls.' },
      {
        name: 'Audio',
        description: 'Get the audio of a recording as WAV or MP3, or a link to it for players.',
      },
      { name: 'Uploads', description: 'Upload audio to the legacy service, by URL or as bytes.' },
      {
        name: 'Exports',
        description:
          'Copy all recordings into the bucket of the operator, and delete the originals afterwards.',
      },
      { name: 'Access', description: "Get tokens for clients that must not hold the account's keys." },
      { name: 'Service', description: 'Health, documents and problem types of the gateway.' },
    ],
  });
  const json = structuredClone(document) as unknown as JsonObject;
  return withoutUnused(complete(json));
}

type Operation = { parameters?: JsonObject[]; responses: Record<string, JsonObject> };

/** Adds the common headers to every response and spells out the parameters. */
function complete(document: JsonObject): JsonObject {
  for (const path of Object.values(document.paths as JsonObject)) {
    for (const operation of Object.values(path as Record<string, Operation>)) {
      if (operation.parameters) operation.parameters = operation.parameters.map(spellOut).sort(byPlace);
      for (const response of Object.values(operation.responses)) {
        response.headers = { ...(response.headers as JsonObject | undefined), ...common };
      }
    }
  }
  return document;
}

const common = Object.fromEntries(
  commonHeaders.map((name) => [name, { $ref: `#/components/headers/${name}` }]),
);

const places: readonly (Json | undefined)[] = ['path', 'query', 'header'];

/** The order of a client's arguments; few clients set headers, so they come last. */
function byPlace(one: JsonObject, other: JsonObject): number {
  return places.indexOf(one.in) - places.indexOf(other.in);
}

/** Refers to headers by name, and removes duplicates of zod's declarations. */
function spellOut(declared: JsonObject): JsonObject {
  const [, header = ''] = /^#\/components\/parameters\/(.+)$/.exec(String(declared.$ref)) ?? [];
  const parameter = requestHeaderParameters[header] ?? declared;
  const { description: text, ...schema } = parameter.schema as JsonObject;
  return text === parameter.description ? { ...parameter, schema } : parameter;
}

/** An unused component would only add another type to generated clients. */
function withoutUnused(document: JsonObject): JsonObject {
  const text = JSON.stringify(document);
  const components = Object.entries(document.components as Record<string, JsonObject>).map(
    ([kind, named]) => {
      const used = Object.entries(named).filter(
        ([name]) => kind === 'securitySchemes' || text.includes(`"#/components/${kind}/${name}"`),
      );
      return [kind, Object.fromEntries(used) as Json] as const;
    },
  );
  const kept = components.filter(([, named]) => Object.keys(named as JsonObject).length > 0);
  // The gateway sends no webhooks, and OpenAPI 3.0 does not have the member.
  const { webhooks: _none, ...rest } = document;
  return { ...rest, components: Object.fromEntries(kept) };
}
