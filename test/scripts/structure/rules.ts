/** Which room of `src` may import which, as rules for dependency-cruiser. */
import type { IForbiddenRuleType } from 'dependency-cruiser';

/** From the entries down to the ground. A room imports itself and the layers below its own. */
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
    // A new room of `src` needs its layer above.
    name: 'room-without-layer',
    severity: 'error',
    from: { path: '^src/', pathNot: toPattern([...layers.flat(), 'panel']) },
    to: {},
  },
  {
    // The panel talks to the gateway over HTTP; they share the type of `/panel/config.json` alone.
    name: 'panel-is-a-client',
    severity: 'error',
    from: { path: '^src/panel/' },
    to: { path: '^src/', pathNot: '^src/(panel/|config/ui\\.ts$)' },
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
    // The product builds and runs without its tests and tools. The committed document is a part of it.
    name: 'src-stands-alone',
    severity: 'error',
    from: { path: '^src/' },
    to: { path: '^(test|openapi|clients|docs)/', pathNot: '^openapi/openapi\\.json$' },
  },
];

function toPattern(rooms: readonly string[]): string {
  return `^src/(${rooms.join('|').replaceAll('.', '\\.')})(/|$)`;
}
