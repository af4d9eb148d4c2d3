/** `Forwarded` (RFC 7239): only the nearest proxy's own element counts. */
import { describe, expect, it } from 'vitest';
import { lastElement, parseForwardedFor } from '../../../src/http/forwarded.ts';

describe('Forwarded', () => {
  it.each([
    ['for=192.0.2.60', '192.0.2.60'],
    ['For="[2001:db8:cafe::17]:4711"', '[2001:db8:cafe::17]:4711'],
    ['for=192.0.2.43, for=198.51.100.17;by=203.0.113.60;proto=http', '198.51.100.17'],
    ['proto=https;host=example.com;for="198.51.100.17:8080"', '198.51.100.17:8080'],
    ['for=_hidden', '_hidden'],
    ['for=unknown', 'unknown'],
    ['for = 192.0.2.60', '192.0.2.60'],
    ['for="192.0.2.1, for=198.51.100.17', '198.51.100.17'],
    ['for=192.0.2.1;x=", for=198.51.100.17', '198.51.100.17'],
    ['xfor=192.0.2.1', null],
    ['for=192.0.2.1, proto=https', null],
    ['for=""', null],
    ['', null],
  ])('%j names %j', (header, client) => {
    expect(parseForwardedFor(header)).toBe(client);
  });
});

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1, 198.51.100.7', '198.51.100.7'],
  ['', ''],
])('the last element of %j is %j', (header, last) => {
  expect(lastElement(header)).toBe(last);
});
