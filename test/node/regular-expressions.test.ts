/** No regular expression of the server takes more than linear time, for any text from clients or the legacy service. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isCanonicalJwe, isCanonicalJws } from '../../src/auth/canonical.ts';
import { chooseOffer } from '../../src/http/accept.ts';
import { evaluateConditions, rangeApplies } from '../../src/http/conditional.ts';
import { parseHttpDate } from '../../src/http/date.ts';
import { parseIdempotencyKey } from '../../src/http/idempotency-key.ts';
import { parseWait } from '../../src/http/prefer.ts';
import { parseRange } from '../../src/http/range.ts';
import { createRecordReader } from '../../src/legacy/list/record-reader.ts';
import { classify } from '../../src/legacy/response/classify.ts';
import { parseEnvelope } from '../../src/legacy/response/envelope.ts';
import { scrub } from '../../src/legacy/response/scrub.ts';
import { createFormParser } from '../../src/uploads/form-parser.ts';
import { PathSchema } from '../../src/uploads/path.ts';
import { measureCpu } from '../support/cpu-time.ts';

const root = new URL('../..', import.meta.url).pathname;

/** A literal at the start of an expression, as the formatter writes it. */
const literal =
  /(?<=[=(,:[!&|?{};]\s*|return\s+|=>\s*|^\s*)\/(?![/*])((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)(?=[\s,.;)\]:?]|$)/gm;

/** Each literal once, by its source. The panel is excluded, since it runs in the user's own browser. */
const patterns = new Map(
  globSync('src/**/*.ts', { cwd: root })
    .filter((path) => !path.startsWith('src/panel/'))
    .flatMap((path) =>
      [...readFileSync(root + path, 'utf8').matchAll(literal)].map(
        ([text, source = '', flags]) => [`${path} ${text}`, new RegExp(source, flags)] as const,
      ),
    ),
);

/** In characters. Headers end at 32 KiB; times for longer text, such as descriptions, grow alike from here. */
const length = 20_000;

/** In milliseconds of CPU time. A linear expression takes less than one, a quadratic one some hundreds. */
const limit = 50;

/** The fastest of three, since a busy machine slows the others down. */
function time(work: () => unknown): number {
  return Math.min(...[1, 2, 3].map(() => measureCpu(work).cpuMs));
}

/** Repetitions of the characters in an expression and of generally difficult ones, alone and in pairs. */
function toPumps(source: string): string[] {
  const named = source.replaceAll(/\\[a-zA-Z]|[()[\]{}*+?|^$]/g, '').slice(0, 60);
  const alphabet = [...new Set([...named, 'a', '0', ' ', '\t', '/', '?', '=', ';', ',', '"', '\\', '.'])];
  return [...alphabet, ...alphabet.flatMap((first) => alphabet.map((second) => first + second))];
}

function attack(pattern: RegExp): { pump: string; milliseconds: number } {
  let worst = { pump: '', milliseconds: 0 };
  for (const pump of toPumps(pattern.source)) {
    const body = pump.repeat(length / pump.length);
    for (const text of [body, `${body}\0`]) {
      const run = () => (pattern.global ? text.replace(pattern, '') : pattern.test(text));
      const first = measureCpu(run).cpuMs;
      const milliseconds = first > limit ? time(run) : first;
      if (milliseconds > worst.milliseconds) worst = { pump, milliseconds };
      if (milliseconds > limit) return worst;
    }
  }
  return worst;
}

test('the search finds expressions', () => {
  expect(patterns.size).toBeGreaterThan(60);
  expect([...patterns.keys()].join('\n')).toContain('src/http/range.ts /^bytes=');
});

test('the attack finds quadratic expressions', () => {
  expect(attack(/\S*\.php\b\S*/g).milliseconds).toBeGreaterThan(limit);
  expect(attack(/\s+$/).milliseconds).toBeGreaterThan(limit);
});

test.each([...patterns])('%s', { timeout: 120_000 }, (_name, pattern) => {
  const { pump, milliseconds } = attack(pattern);
  expect(milliseconds, `on ${JSON.stringify(pump)} over and over`).toBeLessThan(limit);
});

describe('parsers of external text', () => {
  const keys = { accessKey: 'QwErTyUiOpAsDfGh', secretAccessKey: 'ZxCvBnMlKjHgFdSa' };
  const headersOf = (text: string) => ({ get: () => text });
  const none = { etag: '"a"', lastModified: new Date(0) };
  const bytes = (text: string) => new TextEncoder().encode(text);
  const ignore = (work: () => unknown) => {
    try {
      work();
    } catch {
      // A rejection is fine if it is fast.
    }
  };
  const envelope = (text: string) =>
    `<response><result>failed</result><result_description>${text}</result_description></response>`;

  /** The input of each parser, its size, and its prefix. */
  const parsers: [name: string, parse: (text: string) => unknown, size: number][] = [
    ['Accept', (text) => chooseOffer(text, [{ value: 1, mediaType: 'audio/wav' }]), 32_000],
    ['Prefer', (text) => parseWait(text), 32_000],
    ['Prefer: wait', (text) => parseWait(`wait${text}`), 32_000],
    ['Range', (text) => parseRange(`bytes=${text}`), 32_000],
    ['If-Match', (text) => evaluateConditions(headersOf(text), none, 'GET'), 32_000],
    ['If-Range', (text) => rangeApplies(headersOf(text), none, 'GET'), 32_000],
    ['dates', (text) => parseHttpDate(`Sunday, ${text}`), 32_000],
    ['Idempotency-Key', (text) => parseIdempotencyKey(`"${text}`), 32_000],
    ['cursors and tokens', (text) => isCanonicalJws(text) || isCanonicalJwe(text), 32_000],
    ['paths of uploads', (text) => PathSchema.safeParse(`https://${text}`), 8000],
    ['forms', (text) => createFormParser(`multipart/form-data; boundary=${text}`, () => {}), 32_000],
    ['headers of parts', (text) => readPart(text), 8000],
    ['descriptions', (text) => scrub(text, keys), 64_000],
    [
      'classification of descriptions',
      (description) =>
        classify({
          action: 'recording.list',
          status: 400,
          envelope: { result: 'failed', description },
          retryAfter: description,
        }),
      64_000,
    ],
    ['envelopes', (text) => parseEnvelope(bytes(envelope(text)), { status: 200, contentType: text }), 64_000],
    [
      'XML from its start',
      (text) => parseEnvelope(bytes(`<${text}`), { status: 200, contentType: null }),
      64_000,
    ],
    ['lists', (text) => readList(`<response><result>success</result><data>${text}`), 64_000],
    ['records', (text) => readList(`<response><result>success</result><data><recording>${text}`), 64_000],
  ];

  function readPart(text: string): void {
    const parser = createFormParser('multipart/form-data; boundary=x', () => {});
    parser.write(bytes(`--x\r\nContent-Disposition: form-data; name="a"; filename="${text}"\r\n`));
    parser.write(bytes(`Content-Type: ${text}\r\n\r\n`));
  }

  function readList(text: string): void {
    const reader = createRecordReader({ status: 200, contentType: null, retryAfter: null });
    reader.push(bytes(text));
    reader.end();
  }

  const alphabet = [
    ...'a0 \t/?=.,;"\\\'<>&-:%*|(_#\u00e9',
    '/?',
    'a.',
    'a=',
    '" ',
    '"=',
    '\\"',
    ' ;',
    ' =',
    '<a>',
  ];
  const more = [
    '</',
    '<!',
    '<?',
    ']]>',
    '&#',
    '&a;',
    '<sid>',
    '</recording>',
    '<recording>',
    '%3',
    '://',
    'key=',
  ];

  test.each(parsers)('%s', { timeout: 60_000 }, (_name, parse, size) => {
    for (const pump of [...alphabet, ...more, '/?/=', 'a.a/', 'key: ', '.php', '.php?', 'key ', 'a: b; ']) {
      const text = pump.repeat(size / pump.length);
      expect(
        time(() => ignore(() => parse(text))),
        `on ${JSON.stringify(pump)} over and over`,
      ).toBeLessThan(100);
    }
  });
});
