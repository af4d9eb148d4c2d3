/** The table of `docs/legacy.md`: each odd HTTP response through the Node entry and the deployed Worker. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts';
import { type OddResponse, type OddServer, oddResponses, serveOddly } from '../support/odd-http.ts';
import { wavOf } from '../support/wav-files.ts';
import { type RunningWorkerd, startWorkerd } from '../support/workerd.ts';

const page = readFileSync(new URL('../../docs/legacy.md', import.meta.url), 'utf8');
const [, section = ''] = /\n## Odd HTTP\n([\s\S]*?)(?=\n## |$)/.exec(page) ?? [];
const documented = Array.from(
  section.matchAll(/^\| (.+?) \| (.+?) \| (.+?) \|$/gm),
  ([, ...row]) => row,
).slice(1);

const outcomes: Readonly<Record<string, string>> = {
  '200 -': 'reads it',
  '502 legacy-invalid-response': '`legacy-invalid-response`',
  '502 legacy-unreachable': '`legacy-unreachable`',
};

let odd: OddServer;
let node: GatewayProcess;
let worker: RunningWorkerd;

async function ask(gateway: { readonly url: string }, account: string): Promise<string> {
  const headers = { Authorization: `Basic ${btoa(`${account}:secret`)}` };
  const response = await fetch(`${gateway.url}/recordings?type=findme&id=1`, { headers });
  const { recordings, type } = await response.json();
  if (response.status === 200) expect(recordings).toMatchObject([{ sid: '123', minutes: 5.3 }]);
  const outcome = `${response.status} ${type?.replace('/problems/', '') ?? '-'}`;
  return outcomes[outcome] ?? outcome;
}

beforeAll(async () => {
  odd = await serveOddly();
  const vars = { LEGACY_API_URL: odd.url, LEGACY_FIRST_BYTE_TIMEOUT_MS: '5000', UI: 'off' };
  [node, worker] = await Promise.all([startProcess(vars), startWorkerd({ vars })]);
}, 60_000);

afterAll(async () => {
  await node.stop('SIGKILL');
  await worker.close();
  await odd.close();
});

test('the page has a row for each response', () => {
  expect(documented.map(([name]) => name)).toEqual(oddResponses.map(({ name }) => name));
});

test.each(oddResponses)('$name', async (response) => {
  await odd.use(response);
  // Each row has its own account, so that no row meets another's circuit.
  const seen = [await ask(node, response.name), await ask(worker, response.name)];
  expect(seen).toEqual(documented.find(([name]) => name === response.name)?.slice(1));
});

const sound = Buffer.from(wavOf());
const audioHead = 'HTTP/1.1 200 OK\r\nContent-Type: audio/x-wav\r\n';
const zipped = gzipSync(sound);

test.each<OddResponse>([
  {
    name: 'gzip',
    parts: [`${audioHead}Content-Encoding: gzip\r\nContent-Length: ${zipped.length}\r\n\r\n`, zipped],
  },
  {
    name: '100 Continue',
    parts: [`HTTP/1.1 100 Continue\r\n\r\n${audioHead}Content-Length: ${sound.length}\r\n\r\n`, sound],
  },
  {
    name: 'spaces after a chunk size',
    parts: [
      `${audioHead}Transfer-Encoding: chunked\r\n\r\n${sound.length.toString(16)} \r\n`,
      sound,
      '\r\n0 \r\n\r\n',
    ],
  },
])('audio arrives unchanged: $name', async (response) => {
  await odd.use(response);
  const headers = { Authorization: `Basic ${btoa('listener:secret')}` };
  for (const gateway of [node, worker]) {
    const heard = await fetch(`${gateway.url}/recordings/123/audio`, { headers });
    expect([heard.status, Buffer.compare(Buffer.from(await heard.arrayBuffer()), sound)]).toEqual([200, 0]);
  }
});

describe('malformed HTTP on Node', () => {
  const find = (wanted: string) => {
    const found = oddResponses.find(({ name }) => name === wanted);
    if (!found) throw new Error(`there is no response ${wanted}`);
    return found;
  };

  test.each(['HTTP/0.9', 'an invalid chunk size', 'truncated gzip'])('opens no circuit: %s', async (name) => {
    await odd.use(find(name));
    const seen: string[] = [];
    for (let call = 0; call < 7; call += 1) seen.push(await ask(node, 'stubborn'));
    expect([...new Set(seen)]).toEqual(['`legacy-invalid-response`']);
    await odd.use(find('`Content-Length`'));
    expect(await ask(node, 'stubborn')).toBe('reads it');
  });
});
