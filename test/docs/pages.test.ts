/** README.md and docs/: every link resolves, and every page states its purpose. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const docs = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'));
const pages = ['README.md', ...docs.map((name) => `docs/${name}`)];
const read = (page: string) => readFileSync(new URL(page, root), 'utf8');

/** Without code blocks, where brackets and hashes have other meanings. */
const toProse = (text: string) => text.replaceAll(/^( *)```.*?^\1```$/gms, '');

/** As GitHub derives them. */
function toAnchors(text: string): string[] {
  const headings = Array.from(toProse(text).matchAll(/^#+ (.+)$/gm), ([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

const links = pages.flatMap((page) =>
  Array.from(toProse(read(page)).matchAll(/\]\((?!https?:)([^)\s]+)\)/g), ([, link = '']) => ({
    page,
    link,
  })),
);

test.each(docs)('README.md links to docs/%s', (name) => {
  expect(read('README.md')).toContain(`](docs/${name})`);
});

test('pages link to each other', () => {
  expect(links.length).toBeGreaterThan(40);
});

test.each(links)('$page: $link resolves', ({ page, link }) => {
  const target = new URL(link, new URL(page, root));
  expect(existsSync(new URL(target.pathname, root)), `${target.pathname} does not exist`).toBe(true);
  if (target.hash === '') return;
  expect(toAnchors(readFileSync(target.pathname, 'utf8'))).toContain(target.hash.slice(1));
});

test.each(docs)('docs/%s has one title, then states its purpose', (name) => {
  const prose = toProse(read(`docs/${name}`));
  expect(prose.match(/^# /gm)).toHaveLength(1);
  expect(prose).toMatch(/^# .+\n\nUse (?:this page|these two web pages|the emulator) to /);
});

test.each(['src', 'test'])('docs/development.md lists every folder of %s/', (name) => {
  const [, layout = ''] =
    new RegExp(`^${name}/\n(.*?)^(?! |\n)`, 'ms').exec(read('docs/development.md')) ?? [];
  const folders = readdirSync(new URL(`${name}/`, root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${entry.name}/`);
  expect(folders.filter((folder) => !layout.includes(` ${folder}`))).toEqual([]);
});
