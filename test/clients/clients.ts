/** The generators that are tried, and how each one's client is built and run. */
import type { Client } from './client.ts';

const grammars =
  'tree-sitter==0.25.2 tree-sitter-c-sharp==0.23.5 tree-sitter-dart==0.1.0 tree-sitter-swift==0.7.4';

export const clients: readonly Client[] = [
  typescript('@hey-api/openapi-ts', 'hey-api'),
  typescript('openapi-fetch', 'openapi-fetch'),
  typescript('orval', 'orval'),
  {
    name: 'openapi-python-client',
    toolchain: ['python3'],
    sources: 'python',
    // And the example, which lists, downloads, and on its second run finds everything there.
    build: `cp ${new URL('../../docs/examples/mirror.py', import.meta.url).pathname} .`,
    run: [
      'venv/bin/python openapi_python_client.py',
      'export ACCESS_KEY=foofoofoo SECRET_ACCESS_KEY=foobarfoo',
      'venv/bin/python mirror.py mirror findme 1234 > mirrored',
      'test "$(grep -c ^mirrored mirrored)" -ge 2',
      'test "$(head -c 4 mirror/123456789101112.wav)" = RIFF',
      'test -z "$(venv/bin/python mirror.py mirror findme 1234)"',
    ].join('\n'),
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
  {
    ...openapiGenerator('Python', 'python'),
    toolchain: ['java', 'mvn', 'python3'],
    sources: 'python',
    run: '../venv-python/bin/python openapi_generator.py',
  },
  {
    ...openapiGenerator('TypeScript', 'axios'),
    toolchain: ['java', 'mvn', 'npm'],
    output: '.',
    sources: 'typescript',
    build: toBuild('axios-client'),
    run: 'node axios-client.mjs',
  },
  {
    ...openapiGenerator('JavaScript', 'javascript'),
    toolchain: ['java', 'mvn', 'npm'],
    sources: 'typescript',
    build: bundle('javascript-client.js'),
    run: 'node javascript-client.mjs',
  },
  {
    ...openapiGenerator('Ruby', 'ruby'),
    // Debian's package of the library that the client is built on.
    toolchain: ['java', 'mvn', 'ruby -r typhoeus -e 1'],
    run: 'ruby scenarios.rb',
  },
  {
    ...openapiGenerator('PHP', 'php'),
    toolchain: ['java', 'mvn', 'php -r \'exit(@include "GuzzleHttp/autoload.php" ? 0 : 1);\''],
    run: 'php scenarios.php',
  },
  {
    ...openapiGenerator('Rust', 'rust'),
    // Its TLS is that of the system.
    toolchain: ['java', 'mvn', 'cargo', 'pkg-config --exists openssl'],
    // In the client's package, so that it has its dependencies.
    build: 'cargo build --quiet --example scenarios',
    run: 'target/debug/examples/scenarios',
    slow: true,
  },
  read('Swift', 'swift', {
    // Its own files use a modifier that the grammar does not know, and are the same for every document.
    grammar: 'tree_sitter_swift swift Infrastructure',
    has: ['func listRecordings', 'func getRecordingAudio', 'struct Problem'],
  }),
  read('Dart', 'dart', {
    grammar: 'tree_sitter_dart dart',
    has: ['Future<Response<Uint8List>> getRecordingAudio', 'Future<Response<RecordingList>> listRecordings'],
    lacks: ['Future<Response<JsonObject>> getRecordingAudio'],
  }),
  read('C#', 'csharp', {
    grammar: 'tree_sitter_c_sharp cs',
    has: ['IGetRecordingAudioApiResponse', 'IListRecordingsApiResponse', 'public partial class Problem'],
  }),
];

function typescript(name: string, program: string): Client {
  return {
    name,
    toolchain: ['npx'],
    sources: 'typescript',
    build: toBuild(program),
    run: `node ${program}.mjs`,
  };
}

function toBuild(program: string): string {
  const flags =
    '--noEmit --strict --target es2023 --lib es2023,dom,dom.iterable --module esnext --moduleResolution bundler --allowImportingTsExtensions --types node --typeRoots "$TYPES"';
  return `tsc ${flags} ${program}.ts && ${bundle(`${program}.ts`)}`;
}

function bundle(source: string): string {
  const output = source.replace(/\.\w+$/, '.mjs');
  return `esbuild ${source} --bundle --platform=node --packages=external --format=esm --outfile=${output} --log-level=warning`;
}

function openapiGenerator(language: string, folder: string) {
  const name = `openapi-generator for ${language}`;
  return { name, toolchain: ['java', 'mvn'], after: 'openapi-generator', output: folder, sources: folder };
}

interface Reading {
  /** The arguments of syntax/parse.py. */
  readonly grammar: string;
  readonly has: readonly string[];
  readonly lacks?: readonly string[];
}

/** Parses the client and reads it, because no package registry has a compiler of the language. */
function read(language: string, folder: string, { grammar, ...texts }: Reading): Client {
  const client = openapiGenerator(language, folder);
  // Placeholders that generators of all languages write for unknown types.
  const faults = ['models.models', 'UNKNOWN_BASE_TYPE', 'ERRORUNKNOWN', ...(texts.lacks ?? [])];
  const checks = [
    ...texts.has.map((text) => `grep -rqF -- '${text}' . || { echo 'lacks ${text}'; exit 1; }`),
    ...faults.map((text) => `! grep -rF -- '${text}' .`),
    `python3 -m venv syntax && syntax/bin/pip install -q ${grammars}`,
    `syntax/bin/python parse.py ${grammar}`,
  ];
  return {
    ...client,
    toolchain: [...client.toolchain, 'python3'],
    sources: 'syntax',
    build: checks.join('\n'),
  };
}

/** Offline where everything is there already, which is much faster. */
function maven(): string {
  const build = 'mvn -q -B -f scenarios-pom.xml package';
  return `${build} -o > /dev/null 2>&1 || ${build}`;
}
