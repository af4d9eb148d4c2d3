/**
 * The Prometheus rules of docs/operations.md: quoted unchanged from the file, and only about existing metrics and
 * labels.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const file = new URL('../../docs/examples/alerts.yml', import.meta.url);
const text = readFileSync(file, 'utf8');
const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
const rules: readonly Rule[] = parse(text).groups.flatMap((group: { rules: Rule[] }) => group.rules);

/** The labels of each metric, by the page's table, which test/docs/tables.test.ts compares with the code. */
const metrics = new Map(
  Array.from(page.matchAll(/^\| `(gateway_\w+)` \| ([^|]*) \|/gm), ([, name = '', labels = '']) => [
    name,
    Array.from(labels.matchAll(/`(\w+)`/g), ([, label = '']) => label),
  ]),
);

test('the page quotes the file unchanged', () => {
  expect(page).toContain(`\`\`\`yaml\n${text}\`\`\`\n`);
});

test.each(rules)('$alert is about existing metrics and labels', ({ expr, annotations, labels, ...rule }) => {
  const used = Array.from(expr.matchAll(/\b(gateway_\w+|up)\b(?:\{([^}]*)\})?/g));
  expect(used.length).toBeGreaterThan(0);
  for (const [, name = '', selector = ''] of used) {
    const known = name === 'up' ? ['job'] : metrics.get(name.replace(/_bucket$/, ''));
    expect(known, name).toBeDefined();
    for (const [, label] of selector.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g)) expect(known).toContain(label);
  }
  for (const [, grouped = ''] of expr.matchAll(/\bby \(([^)]+)\)/g)) {
    const all = [...used.flatMap(([, name = '']) => metrics.get(name.replace(/_bucket$/, '')) ?? []), 'le'];
    expect(all).toEqual(expect.arrayContaining(grouped.split(/, */)));
  }
  expect(rule.for ?? '1m').toMatch(/^\d+[mh]$/);
  expect(labels.severity).toMatch(/^(?:page|ticket)$/);
  expect(annotations.summary).toBeTruthy();
});

test('every rule has its own name', () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
if (!hasPromtool) console.warn('Skipped: Prometheus itself checks the alert rules. It needs promtool.');

test.runIf(hasPromtool)('promtool accepts the rules', () => {
  expect(execFileSync('promtool', ['check', 'rules', file.pathname], { encoding: 'utf8' })).toContain(
    `${rules.length} rules found`,
  );
});
