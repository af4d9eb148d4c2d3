/** Text of a recording arrives unchanged, in pages and in exports. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { basic, startGateway } from '../support/harness.ts';

interface Values {
  readonly sid: string;
  readonly dnis: string;
  readonly number_connected: string;
}

/**
 * Text that a guessing parser would turn into a number, a boolean or something shorter, and text that JSON or XML
 * escapes.
 */
const treacherous = fc.oneof(
  fc.stringMatching(/^0{1,4}[0-9]{1,16}$/),
  fc.stringMatching(/^\+[0-9]{1,15}$/),
  fc.stringMatching(/^[0-9]{40}$/),
  fc.stringMatching(/^[1-9]e[0-9]{1,3}$/),
  fc.stringMatching(/^0x[0-9A-F]{1,8}$/),
  fc.stringMatching(/^-?[0-9]{1,3}\.[0-9]{1,3}0$/),
  fc.constantFrom('true', 'false', 'null', 'NaN', 'Infinity', '-0', '__proto__', 'constructor', '[]', '{}'),
  fc.stringMatching(/^["\\/<&>'\]é☃😀a-z]{1,20}$/u),
);

const recordings = fc.array(
  fc.record({ sid: treacherous, dnis: treacherous, number_connected: treacherous }),
  { minLength: 500, maxLength: 500 },
);

const toText = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function toDocument(list: readonly Values[]): string {
  const records = list.map(
    ({ sid, dnis, number_connected }) =>
      `<recording>\n<sid>${toText(sid)}</sid>\n<dnis>${toText(dnis)}</dnis>\n<number_connected>${toText(number_connected)}</number_connected>\n<minutes>5.3</minutes>\n<date>2019-02-20 20:42:11</date>\n</recording>\n`,
  );
  return `<response>\n<result>success</result>\n<result_description></result_description>\n<data>\n${records.join('')}</data>\n</response>`;
}

const toValues = ({ sid, dnis, number_connected }: Values): Values => ({ sid, dnis, number_connected });

test('sid, dnis and number_connected of 10,000 recordings are unchanged', async () => {
  let document = '';
  const gateway = await startGateway({ legacy: () => new Response(document) });
  const ask = (query: string, Accept: string) =>
    gateway.fetch(`/recordings?type=findme&id=1${query}`, {
      headers: { ...basic(gateway.emulator), Accept },
    });
  await fc.assert(
    fc.asyncProperty(recordings, async (list) => {
      document = toDocument(list);
      const page = await (await ask('&limit=1000', 'application/json')).json();
      expect(page.recordings.map(toValues)).toEqual(list);
      const lines = (await (await ask('', 'application/x-ndjson')).text()).trimEnd().split('\n');
      expect(lines.map((line) => toValues(JSON.parse(line)))).toEqual(list);
    }),
    { numRuns: 20, endOnFailure: true },
  );
}, 60_000);
