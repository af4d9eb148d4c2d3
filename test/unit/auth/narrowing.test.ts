/** Authorization details: which are accepted, which grant nothing, and what a response repeats. */
import { describe, expect, it } from 'vitest';
import {
  parseAuthorizationDetails,
  parseAuthorizationDetailsText,
  parseNarrowingClaim,
  reachesResource,
  toAuthorizationDetails,
} from '../../../src/auth/narrowing.ts';

const findme = { type: 'findme', id: 1234 };
const detail = (content: object) => [{ type: 'recordings', ...content }];
const nothing = { resources: [], sids: [] };

describe('authorization_details', () => {
  it.each([
    [
      'a resource',
      detail({ resources: [findme] }),
      { resources: [{ type: 'findme', id: '1234' }], sids: [] },
    ],
    [
      'an ID in quotes',
      detail({ resources: [{ ...findme, id: '1234' }] }),
      { resources: [{ type: 'findme', id: '1234' }], sids: [] },
    ],
    [
      'a type without an ID',
      detail({ resources: [{ type: 'general' }] }),
      { resources: [{ type: 'general', id: null }], sids: [] },
    ],
    ['sids', detail({ sids: ['0907', '0907', 'a-b_c'] }), { resources: [], sids: ['0907', 'a-b_c'] }],
    [
      'two details',
      [...detail({ sids: ['1'] }), ...detail({ resources: [findme] })],
      { resources: [{ type: 'findme', id: '1234' }], sids: ['1'] },
    ],
  ])('reads %s', (_, value, narrowing) => {
    expect(parseAuthorizationDetailsText(JSON.stringify(value))).toEqual(narrowing);
  });

  it.each([
    ['no array', { type: 'recordings', sids: ['1'] }],
    ['an empty array', []],
    ['an empty grant', detail({})],
    ['empty lists', detail({ resources: [], sids: [] })],
    ['another type', [{ type: 'payments', sids: ['1'] }]],
    ['another type beside ours', [...detail({ sids: ['1'] }), { type: 'payments' }]],
    ['an unknown member', detail({ sids: ['1'], actions: ['read'] })],
    ['an unknown member of a resource', detail({ resources: [{ ...findme, name: 'x' }] })],
    ['a sid with a slash', detail({ sids: ['../1'] })],
    ['an empty sid', detail({ sids: [''] })],
    ['a sid that is a number', detail({ sids: [907] })],
    ['an ID with a leading zero', detail({ resources: [{ type: 'findme', id: '01234' }] })],
    ['a negative ID', detail({ resources: [{ type: 'findme', id: -1 }] })],
    ['a fraction', detail({ resources: [{ type: 'findme', id: 1.5 }] })],
    ['a null ID', detail({ resources: [{ type: 'findme', id: null }] })],
    ['a type in capitals', detail({ resources: [{ type: 'FINDME', id: 1 }] })],
    [
      'eleven resources',
      detail({ resources: Array.from({ length: 11 }, (_, id) => ({ type: 'findme', id })) }),
    ],
    [
      'eleven resources in two details',
      [6, 5].flatMap((length) =>
        detail({ resources: Array.from({ length }, (_, id) => ({ type: 'findme', id })) }),
      ),
    ],
    ['101 sids', detail({ sids: Array.from({ length: 101 }, (_, index) => String(index)) })],
    ['null', null],
    ['a text', 'recordings'],
  ])('grants nothing for %s', (_, value) => {
    expect(parseAuthorizationDetails(value)).toBeNull();
  });

  it('grants ten resources and a hundred sids', () => {
    const resources = Array.from({ length: 10 }, (_, id) => ({ type: 'findme', id }));
    const sids = Array.from({ length: 100 }, (_, index) => String(index));
    const narrowing = parseAuthorizationDetails(detail({ resources, sids }));
    expect([narrowing?.resources.length, narrowing?.sids.length]).toEqual([10, 100]);
  });

  it.each([
    ['sids', detail({ sids: ['1'] })],
    ['resources', detail({ resources: [findme] })],
  ])('are repeated without an empty list if they have only %s', (_, value) => {
    expect(toAuthorizationDetails(parseAuthorizationDetails(value) ?? nothing)).toEqual(value);
  });

  it('grants nothing for text that is not JSON', () => {
    for (const text of ['', '{', '[{"type":"recordings","sids":["1"]}', 'undefined']) {
      expect(parseAuthorizationDetailsText(text)).toBeNull();
    }
  });

  it('are repeated as one detail', () => {
    const value = [...detail({ sids: ['1'] }), ...detail({ resources: [findme, { type: 'general' }] })];
    const narrowing = parseAuthorizationDetails(value) ?? nothing;
    const repeated = toAuthorizationDetails(narrowing);
    expect(repeated).toEqual(detail({ resources: [findme, { type: 'general' }], sids: ['1'] }));
    expect(parseAuthorizationDetails(repeated)).toEqual(narrowing);
  });
});

describe("a JWT's claim", () => {
  it.each([
    ['all', null],
    [detail({ sids: ['1'] }), { resources: [], sids: ['1'] }],
    [[{ type: 'payments', amount: 1 }, ...detail({ sids: ['1'] })], { resources: [], sids: ['1'] }],
    [undefined, nothing],
    ['ALL', nothing],
    [['all'], nothing],
    [[null], nothing],
    [[{ type: 'payments' }], nothing],
    [detail({ sids: ['1'], more: 1 }), nothing],
    [detail({ sids: '1' }), nothing],
    [true, nothing],
    [{}, nothing],
  ])('%j narrows to %j', (claim, narrowing) => {
    expect(parseNarrowingClaim(claim)).toEqual(narrowing);
  });
});

it('a resource is reached by its type and ID together', () => {
  const narrowing = {
    resources: [
      { type: 'findme', id: '1' },
      { type: 'queue', id: '2' },
      { type: 'general', id: null },
    ],
    sids: [],
  };
  const reached = (type: string, id: string | null) => reachesResource(narrowing, { type, id });
  expect([reached('findme', '1'), reached('queue', '2'), reached('general', null)]).toEqual([
    true,
    true,
    true,
  ]);
  for (const [type, id] of [
    ['findme', '2'],
    ['findme', '01'],
    ['findme', null],
    ['general', '1'],
    ['', '1'],
  ] as const) {
    expect(reached(type, id)).toBe(false);
  }
});
