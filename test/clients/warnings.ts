/** The warnings that generators print, and the explanations in docs/clients.md. */
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const page = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
const [, section = ''] = /^## Warnings\n(.*?)(?=^## |$(?![\s\S]))/ms.exec(page) ?? [];

/** The texts in the first column of the table, each a part of the warnings that its row explains. */
const explained = Array.from(section.matchAll(/^\| `([^`]+)` \|/gm), ([, text = '']) => text);

/** Each warning on its own line. */
export function findWarnings(output: string): string[] {
  return output
    .split('\n')
    .filter((line) => /\bwarn(?:ing)?s?\b/i.test(line))
    .map((line) => stripVTControlCharacters(line).trim());
}

export interface WarningCount {
  readonly total: number;
  /** Without a row in docs/clients.md. */
  readonly unexplained: readonly string[];
}

export function countWarnings(warnings: readonly string[]): WarningCount {
  const unexplained = warnings.filter((warning) => !explained.some((text) => warning.includes(text)));
  return { total: warnings.length, unexplained: [...new Set(unexplained)] };
}
