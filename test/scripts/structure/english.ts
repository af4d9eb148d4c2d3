/** Checks the wording of code, tests and pages against "How we write" in docs/development.md. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const maxReadmeLines = 200;

interface Rule {
  readonly pattern: RegExp;
  readonly advice: string;
}

const rules: readonly Rule[] = [
  {
    pattern: /\b(?:whoever|nobody|anybody|somebody|everybody)\b/i,
    advice: 'name the actor: caller, client, operator, vendor',
  },
  { pattern: /\bheed(?:s|ed)?\b/i, advice: 'write "follow" or "obey"' },
  { pattern: /\bmend(?:s|ed)?\b/i, advice: 'write "correct" or "repair"' },
  { pattern: /\btold of\b/i, advice: 'write "called with" or "notified of"' },
  { pattern: /(?<!\bthere )\b(?:is|are) none\b/i, advice: 'say what it is, such as "is invalid"' },
  { pattern: /\bcomes? to (?:its|their|an) end\b/i, advice: 'write "ends"' },
  { pattern: /\bamid\b/i, advice: 'write "during"' },
  {
    pattern: /\b(?:that|which) (?:is|are) no (?!longer\b|more\b)/i,
    advice: 'write "not a", or an adjective',
  },
];

/** The words themselves are allowed as an example in code style. */
const inlineCode = /`[^`\n]*`/g;

/** A comment or a test's name, up to its first word. */
const opening = /(?:^\s*\{?(?:\/\*\*?|\*|\/\/)\s+|\b(?:test|it|describe)(?:\.\w+\([^']*\))?\(\s*')/;

const clauseRule: Rule = {
  pattern: new RegExp(`${opening.source}(?:what|who|whatever)\\b(?!.*\\?)`, 'i'),
  advice: 'begin with the subject instead of a clause',
};

/** The rules and the examples of what they reject. */
const exempt = new Set(['test/scripts/structure/english.ts', 'test/node/structure.test.ts']);

const sources = [
  '{src,test,openapi,docs,clients}/**/*.{ts,tsx}',
  'src/**/*.html',
  'openapi/*.{json,yaml}',
  '{docs,clients}/**/*.{md,js,html}',
  'README.md',
  'wrangler.toml',
];

/** One line for each fault: file, line, text and advice. `root` is the folder that contains `src`. */
export function findWordingFaults(root: string): string[] {
  const files = globSync(sources, {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|dist)$/.test(path),
  });
  const faults = files
    .filter((path) => !exempt.has(path))
    .sort()
    .flatMap((path) => findInFile(path, readFileSync(join(root, path), 'utf8')));
  return [...faults, ...findLongReadme(root, files)];
}

function findInFile(path: string, text: string): string[] {
  const isCode = /\.tsx?$/.test(path);
  return text.split('\n').flatMap((line, index) => {
    const words = path.endsWith('.md') ? line.replaceAll(inlineCode, '') : line;
    return [...rules, ...(isCode ? [clauseRule] : [])].flatMap(({ pattern, advice }) => {
      const [match] = pattern.exec(words) ?? [];
      return match === undefined ? [] : [`${path}:${index + 1}: "${match.trim()}": ${advice}`];
    });
  });
}

function findLongReadme(root: string, files: readonly string[]): string[] {
  if (!files.includes('README.md')) return [];
  const lines = readFileSync(join(root, 'README.md'), 'utf8').trimEnd().split('\n').length;
  return lines > maxReadmeLines
    ? [`README.md has ${lines} lines, more than ${maxReadmeLines}: move text to docs/`]
    : [];
}
