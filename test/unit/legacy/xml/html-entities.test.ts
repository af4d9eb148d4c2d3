/** The table of HTML's entities: all of the standard, with the texts that the `entities` library has. */
import { decodeHTMLStrict } from 'entities/decode';
import { expect, test } from 'vitest';
import { htmlEntities } from '../../../../src/legacy/xml/html-entities.ts';

/** The number of names with a semicolon in the standard. */
const names = 2125;

test('has each name of the standard, with its text', () => {
  const entities = [...htmlEntities()];
  expect(entities).toHaveLength(names);
  expect(entities).toEqual(entities.map(([name]) => [name, decodeHTMLStrict(`&${name};`)]));
  expect(entities.filter(([name, text]) => text === `&${name};`)).toEqual([]);
});
