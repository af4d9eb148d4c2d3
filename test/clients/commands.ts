/** The commands of docs/clients.md: each section's `sh` block, and the packages in it without a pinned version. */
import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');

/** The heading above the block, and the commands as written. */
export interface Commands {
  readonly heading: string;
  readonly text: string;
}

/** Every `sh` block of the page, in order. */
export const documentedCommands: readonly Commands[] = page.split(/^#+ /m).flatMap((section) => {
  const heading = section.slice(0, section.indexOf('\n'));
  return Array.from(section.matchAll(/^```sh\n(.*?)^```/gms), ([, text = '']) => ({ heading, text }));
});

/** The commands below the heading. Throws if there are none. */
export function readCommands(heading: string): string {
  const blocks = documentedCommands.filter((commands) => commands.heading === heading);
  if (blocks.length === 0) throw new Error(`docs/clients.md has no commands for ${heading}`);
  return blocks.map(({ text }) => text).join('');
}

const exact = String.raw`\d+\.\d+\.\d+(?![\w.*])`;

/** How each program names the packages that it fetches, and the form of a pinned name. */
const fetchers: readonly { command: RegExp; packages: RegExp; pinned: RegExp }[] = [
  { command: /\bnpx\b.*/, packages: /(?<=-p )\S+/g, pinned: new RegExp(`^(?:@[\\w-]+/)?[\\w-]+@${exact}`) },
  {
    command: /\bnpm install\b.*/,
    packages: /(?<= )(?!-|install\b)[@\w][^ ]*/g,
    pinned: new RegExp(`^(?:@[\\w-]+/)?[\\w-]+@${exact}`),
  },
  {
    command: /\bpip install\b.*/,
    packages: /(?<= )(?!-|install\b)\w[^ ]*/g,
    pinned: new RegExp(`^[\\w-]+==${exact}`),
  },
  { command: /\bgo run \S+/, packages: /(?<=go run )\S+/g, pinned: new RegExp(`@v${exact}`) },
  { command: /-Dartifact=\S+/, packages: /(?<==)\S+/g, pinned: new RegExp(`^[\\w.-]+:[\\w-]+:${exact}`) },
];

/** Commands whose result depends on the day they run, each with its reason. */
export function findUnpinned(commands: string): string[] {
  const lines = commands.replaceAll(/\\\n\s*/g, '').split('\n');
  return lines.flatMap((line) =>
    fetchers.flatMap(({ command, packages, pinned }) => {
      const [text] = command.exec(line) ?? [];
      if (text === undefined) return [];
      const names = text.match(packages) ?? [];
      const loose = names.filter((name) => !pinned.test(name));
      if (names.length === 0) loose.push(text);
      // Generators load any compiler they find, and fail with another major version.
      if (text.startsWith('npx') && !names.some((name) => name.startsWith('typescript@')))
        loose.push('typescript');
      return loose;
    }),
  );
}
