/** Watches every gateway of the test run: no key of the emulator's accounts may appear in its responses. */
import { expect } from 'vitest';
import { createCanaries } from './canaries.ts';
import type { RunningGateway } from './harness.ts';

/** The document's examples show the keys of the vendor's page. */
const isAbout = /\/(?:openapi|docs|panel)/;

/** Responds as before, and fails the test at `close` if a key was seen. Streams are left to their readers. */
export function watchForKeys(gateway: RunningGateway): RunningGateway {
  const { accounts } = gateway.emulator;
  const canaries = createCanaries(
    Object.fromEntries(
      accounts.flatMap(({ name, accessKey, secretAccessKey }) => [
        [`access key of ${name}`, accessKey],
        [`secret access key of ${name}`, secretAccessKey],
      ]),
    ),
  );
  const seen: string[] = [];
  const search = (where: string, text: string) =>
    seen.push(...canaries.find(text).map((name) => `${name} in ${where}`));

  return {
    ...gateway,
    async fetch(path, init) {
      const response = await gateway.fetch(path, init);
      const where = `${init?.method ?? 'GET'} ${path.slice(0, 100)} → ${response.status}`;
      for (const [name, value] of response.headers) search(`${name} of ${where}`, value);
      const isText = /^application\/(?:problem\+)?json/.test(response.headers.get('Content-Type') ?? '');
      if (isText && !isAbout.test(path)) {
        const text = await response
          .clone()
          .text()
          .catch(() => '');
        search(where, text);
      }
      return response;
    },
    async close() {
      search('the log', gateway.log.map((event) => JSON.stringify(event)).join('\n'));
      await gateway.close();
      expect(seen).toEqual([]);
    },
  };
}
