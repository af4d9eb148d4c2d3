/** Every shell block of README.md and docs/ runs as written in a test, or its commands are in a table with the reason. */
import { describe, expect, test } from 'vitest';
import {
  cannotRun,
  findUnlisted,
  isListed,
  isShell,
  pages,
  readPage,
  runPages,
  testedElsewhere,
  toBlocks,
  toCommands,
} from './shell-blocks.ts';

const shell = pages.flatMap((page) => toBlocks(readPage(page)).filter(isShell));

test('there are blocks', () => {
  expect(shell.length).toBeGreaterThan(35);
});

test.each(pages)('%s has no command that neither runs nor is listed', (page) => {
  expect(findUnlisted(page, readPage(page))).toEqual([]);
});

test.each(runPages)('%s has a block that runs', (page) => {
  const run = toBlocks(readPage(page)).filter(
    (block) => isShell(block) && !toCommands(block).every(isListed),
  );
  expect(run).not.toEqual([]);
});

test('no block mixes commands that run with commands that are listed, which would run, too', () => {
  const blocks = runPages.flatMap((page) => toBlocks(readPage(page)).filter(isShell));
  const mixed = blocks.filter((block) => new Set(toCommands(block).map(isListed)).size > 1);
  expect(mixed).toEqual([]);
});

test.each(Object.entries({ ...testedElsewhere, ...cannotRun }))(
  '%s is listed with a reason: %s',
  (beginning, reason) => {
    expect([beginning, reason].every((text) => text.trim().length > 3)).toBe(true);
    expect(pages.some((page) => readPage(page).replaceAll(/ +/g, ' ').includes(beginning))).toBe(true);
  },
);

describe('a new block is found', () => {
  test.each([
    ['docs/clients.md', '### a-new-generator\n\n```sh\nnpx a-new-generator\n```\n', ['npx a-new-generator']],
    [
      'docs/operations.md',
      '1. Do it:\n\n   ```sh\n   terraform \\\n     apply\n   ```\n',
      ['terraform apply'],
    ],
    ['docs/operations.md', '```console\nnpm ci\nmake it so\n```\n', ['make it so']],
    [
      'docs/panel.md',
      '```bash\ncurl http://127.0.0.1:8787/health\n```\n',
      ['curl http://127.0.0.1:8787/health'],
    ],
    ['README.md', '```\n$ npm test\n```\n', ['$ npm test']],
    ['docs/uploads.md', '```\nPORT=1 node x.js\n```\n', ['PORT=1 node x.js']],
  ])('in %s', (page, markdown, unlisted) => {
    expect(findUnlisted(page, markdown)).toEqual(unlisted);
  });
});
