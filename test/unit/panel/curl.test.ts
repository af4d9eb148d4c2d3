/** The log's `curl` commands, run by a shell. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toCurl } from '../../../src/panel/curl.ts';
import { type Exchange, withoutSecrets } from '../../../src/panel/exchanges.ts';

const exchange: Exchange = {
  id: 1,
  startedAt: new Date(0),
  method: 'GET',
  url: 'https://gateway.example/recordings?type=findme&id=1234',
  credentials: null,
  requestHeaders: [],
  requestBody: null,
  answer: null,
  failure: null,
};

const environment = {
  ACCESS_KEY: 'the access key',
  SECRET_ACCESS_KEY: 'its $ecret',
  ACCESS_TOKEN: 'the token',
  LINK_TOKEN: 'eyJ.link',
};

/** The arguments that `curl` would get. */
function toWords(command: string): string[] {
  const script = `curl() { for word in "$@"; do printf '%s\\0' "$word"; done; }\n${command}`;
  return execFileSync('sh', ['-c', script], { env: environment, encoding: 'utf8' }).split('\0').slice(0, -1);
}

test.each([
  { what: 'keys', change: { credentials: 'Basic' }, words: ['-u', 'the access key:its $ecret'] },
  { what: 'a token', change: { credentials: 'Bearer' }, words: ['-H', 'Authorization: Bearer the token'] },
  { what: 'a method', change: { method: 'DELETE' }, words: ['-X', 'DELETE'] },
  {
    what: 'a header',
    change: { requestHeaders: [['prefer', 'wait=25']] },
    words: ['-H', 'prefer: wait=25'],
  },
  {
    what: 'a body',
    change: { method: 'POST', requestBody: '{"a":"it\'s"}' },
    words: ['--data-raw', '{"a":"it\'s"}'],
  },
  {
    what: 'a file',
    change: { method: 'POST', requestBody: '[a b.wav]' },
    words: ['--data-binary', '@a b.wav'],
  },
  {
    what: 'sound',
    change: {
      url: 'https://gateway.example/recordings/0123/audio?format=mp3',
      answer: { status: 200, headers: [], body: '[audio/mpeg]', milliseconds: 1 },
    },
    words: ['-o', '0123.mp3'],
  },
] as const)('$what is written in curl’s syntax', ({ change, words }) => {
  const changed = { ...exchange, ...change };
  expect(toWords(toCurl(changed))).toEqual([...words, changed.url]);
});

test('the token of a link is a shell variable too', () => {
  const url = withoutSecrets('https://gateway.example/recordings/1/audio?format=wav&token=eyJ.x_y-z');
  expect(toWords(toCurl({ ...exchange, url })).at(-1)).toBe(
    'https://gateway.example/recordings/1/audio?format=wav&token=eyJ.link',
  );
});

describe('any content of a request', () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((value) => !value.includes('\0') && !value.startsWith('['));

  test('reaches curl unchanged and runs nothing', () => {
    fc.assert(
      fc.property(text, text, (value, requestBody) => {
        const requestHeaders = [['x-name', value]] as const;
        const command = toCurl({ ...exchange, method: 'POST', requestHeaders, requestBody });
        expect(toWords(command)).toEqual(['-H', `x-name: ${value}`, '--data-raw', requestBody, exchange.url]);
      }),
      { numRuns: 60 },
    );
  });
});
