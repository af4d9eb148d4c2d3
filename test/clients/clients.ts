/** The generators that are tried, and how each one's client is built and run. */
import type { Client } from './client.ts';

/** From the lockfile: they are part of `npm test`. */
export const npmClients: readonly Client[] = [
  typescript('@hey-api/openapi-ts', 'hey-api'),
  typescript('openapi-fetch', 'openapi-fetch'),
  typescript('orval', 'orval'),
];

function typescript(name: string, program: string): Client {
  const flags =
    '--noEmit --strict --target es2023 --lib es2023,dom,dom.iterable --module esnext --moduleResolution bundler --allowImportingTsExtensions --types node';
  return {
    name,
    toolchain: ['node'],
    sources: 'typescript',
    build: `tsc ${flags} ${program}.ts && esbuild ${program}.ts --bundle --platform=node --format=esm --outfile=${program}.mjs --log-level=warning`,
    run: `node ${program}.mjs`,
  };
}

/** Offline where everything is there already, which is much faster. */
const maven =
  'mvn -q -B -o -f scenarios-pom.xml package 2> /dev/null > /dev/null || mvn -q -B -f scenarios-pom.xml package';

export const otherClients: readonly Client[] = [
  {
    name: 'openapi-python-client',
    toolchain: ['python3'],
    sources: 'python',
    run: 'venv/bin/python scenarios.py',
  },
  {
    name: 'openapi-generator for Kotlin',
    toolchain: ['java', 'mvn'],
    sources: 'kotlin',
    build: maven,
    run: 'java -cp "target/classes:target/libraries/*" ScenariosKt',
  },
  {
    name: 'openapi-generator for Java',
    toolchain: ['java', 'javac', 'mvn'],
    sources: 'java',
    build: `mv Scenarios.java src/main/java/ && ${maven}`,
    run: 'java -cp "target/classes:target/libraries/*" Scenarios',
  },
  {
    name: 'oapi-codegen',
    toolchain: ['go'],
    sources: 'go',
    build: 'go mod tidy && go vet ./... && go build -o scenarios .',
    run: './scenarios',
  },
  {
    name: 'openapi-generator for Swift',
    toolchain: ['java', 'mvn'],
    sources: 'swift',
    // Looked at where there is no compiler: the operations, the choice of audio and problems as types.
    build:
      'grep -rq "func listRecordings" Sources && grep -rq "func getRecordingAudio" Sources && grep -rq "struct Problem" Sources && if command -v swift; then swift build; fi',
  },
];
