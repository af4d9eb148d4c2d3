/** Documents that XML 1.0 forbids are rejected, or repaired with a warning; each class of them at each position. */
import { describe, expect, it } from 'vitest';
import { readList } from '../../../support/list-reading.ts';
import { notWellFormed, wellFormed } from '../../../support/not-well-formed.ts';

const allCuts = [[], [1], [7], [50, 3]];

describe('a document that is not well-formed is rejected', () => {
  it.each(notWellFormed.filter(({ repair }) => repair === null))('$name', ({ xml }) => {
    for (const cuts of allCuts) {
      expect(readList(xml, { cuts }).failure, xml).toMatchObject({ kind: 'invalid-response' });
    }
  });
});

describe('a document with an invalid character is repaired with a warning', () => {
  it.each(notWellFormed.filter(({ repair }) => repair !== null))('$name: $repair', ({ xml, repair }) => {
    for (const cuts of allCuts) {
      const { failure, warnings } = readList(xml, { cuts });
      expect(failure, xml).toBeNull();
      expect(warnings?.map(({ code }) => code)).toContain(repair);
    }
  });
});

describe('a well-formed document of the same form is read', () => {
  it.each(wellFormed)('$name', ({ xml }) => {
    for (const cuts of allCuts) {
      const { failure, recordings, warnings } = readList(xml, { cuts });
      expect({ failure, warnings }, xml).toEqual({ failure: null, warnings: undefined });
      expect(recordings.map(({ sid }) => sid)).toEqual(['1', '2']);
    }
  });
});
