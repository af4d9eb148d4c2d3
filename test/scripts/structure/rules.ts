/** The allowed imports between the folders of `src`, as rules for dependency-cruiser. */
import type { IForbiddenRuleType } from 'dependency-cruiser';

/** From the entries to the foundations. A folder imports itself and the layers below its own. */
const layers = [
  ['node', 'workers'],
  ['app.ts'],
  ['routes'],
  ['middleware'],
  ['services.ts'],
  ['config.ts'],
  ['config'],
  ['openapi'],
  ['exports'],
  ['recordings', 'uploads'],
  ['audio'],
  ['auth'],
  ['legacy'],
  ['store'],
  ['http', 'problem', 'primitives'],
];

const direction = layers.flatMap((layer, index) =>
  layer.map((room) => ({
    name: `direction-of-${room}`,
    severity: 'error' as const,
    from: { path: toPattern([room]) },
    to: { path: '^src/', pathNot: toPattern([room, ...layers.slice(index + 1).flat()]) },
  })),
);

export const rules: IForbiddenRuleType[] = [
  ...direction,
  {
    // Add the layer of a new folder above.
    name: 'room-without-layer',
    severity: 'error',
    from: { path: '^src/', pathNot: toPattern([...layers.flat(), 'panel']) },
    to: {},
  },
  {
    // The panel talks to the gateway over HTTP; they share only the type of `/panel/config.json`.
    name: 'panel-is-a-client',
    severity: 'error',
    from: { path: '^src/panel/' },
    to: { path: '^src/', pathNot: '^src/(panel/|config/ui\\.ts$)' },
  },
  {
    // A package that others install has nothing but itself.
    name: 'client-stands-alone',
    severity: 'error',
    from: { path: '^clients/typescript/src/' },
    to: { pathNot: '^clients/typescript/src/' },
  },
  { name: 'no-circle-of-files', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
  {
    name: 'no-circle-of-rooms',
    severity: 'error',
    scope: 'folder',
    from: { path: '^src/' },
    to: { circular: true },
  },
  {
    name: 'node-in-src-node',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/(node|panel/build)/' },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'undici-in-src-node',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/node/' },
    to: { path: '(^|/)node_modules/undici/' },
  },
  {
    name: 'cloudflare-in-src-workers',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/workers/' },
    to: { path: '^cloudflare:|node_modules/@cloudflare/' },
  },
  {
    // The product builds and runs without its tests and tools. The committed document is part of it.
    name: 'src-stands-alone',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/panel/' },
    to: { path: '^(test|openapi|clients|docs)/', pathNot: '^openapi/openapi\\.json$' },
  },
  {
    // The panel is built from the client package, like any other page.
    name: 'panel-stands-on-the-client',
    severity: 'error',
    from: { path: '^src/panel/' },
    to: { path: '^(test|openapi|clients|docs)/', pathNot: '^clients/typescript/src/' },
  },
];

function toPattern(rooms: readonly string[]): string {
  return `^src/(${rooms.join('|').replaceAll('.', '\\.')})(/|$)`;
}
