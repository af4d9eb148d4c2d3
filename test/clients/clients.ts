/** The generators that are tried, and how each one's client is built and run. */
import type { Client } from './client.ts';

export const clients: readonly Client[] = [
  typescript('@hey-api/openapi-ts', 'hey-api'),
  typescript('openapi-fetch', 'openapi-fetch'),
  typescript('orval', 'orval'),
  {
    name: 'openapi-python-client',
    toolchain: ['python3'],
    sources: 'python',
    run: 'venv/bin/python scenarios.py',
  },
  {
    name: 'oapi-codegen',
    toolchain: ['go'],
    sources: 'go',
    build: 'go mod tidy && go vet ./... && go build -o scenarios .',
    run: './scenarios',
  },
  {
    ...openapiGenerator('Kotlin', 'kotlin'),
    build: maven(),
    run: 'java -cp "target/classes:target/libraries/*" ScenariosKt',
  },
  {
    ...openapiGenerator('Java', 'java'),
    toolchain: ['java', 'javac', 'mvn'],
    build: `mv Scenarios.java src/main/java/ && ${maven()}`,
    run: 'java -cp "target/classes:target/libraries/*" Scenarios',
  },
  read('Swift', 'swift', {
    has: ['func listRecordings', 'func getRecordingAudio', 'struct Problem'],
    lacks: [],
  }),
];

function typescript(name: string, program: string): Client {
  const flags =
    '--noEmit --strict --target es2023 --lib es2023,dom,dom.iterable --module esnext --moduleResolution bundler --allowImportingTsExtensions --types node --typeRoots "$TYPES"';
  return {
    name,
    toolchain: ['npx'],
    sources: 'typescript',
    build: `tsc ${flags} ${program}.ts && esbuild ${program}.ts --bundle --platform=node --format=esm --outfile=${program}.mjs --log-level=warning`,
    run: `node ${program}.mjs`,
  };
}

function openapiGenerator(language: string, folder: string) {
  const name = `openapi-generator for ${language}`;
  return { name, toolchain: ['java', 'mvn'], after: 'openapi-generator', output: folder, sources: folder };
}

/** Reads the client without running it, because no compiler of the language is installed with a package here. */
function read(language: string, folder: string, texts: { has: string[]; lacks: string[] }): Client {
  const { sources: _none, ...client } = openapiGenerator(language, folder);
  // Placeholders that generators of all languages write for unknown types.
  const faults = ['models.models', 'UNKNOWN_BASE_TYPE', 'ERRORUNKNOWN', ...texts.lacks];
  const checks = [
    ...texts.has.map((text) => `grep -rqF -- '${text}' . || { echo 'lacks ${text}'; exit 1; }`),
    ...faults.map((text) => `! grep -rF -- '${text}' .`),
  ];
  return { ...client, build: checks.join('\n') };
}

/** Offline where everything is there already, which is much faster. */
function maven(): string {
  const build = 'mvn -q -B -f scenarios-pom.xml package';
  return `${build} -o > /dev/null 2>&1 || ${build}`;
}
