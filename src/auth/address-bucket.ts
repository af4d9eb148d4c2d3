/** Groups client addresses for counting: one bucket per subscriber, whatever the spelling of its address. */
import { expandIPv6 } from 'hono/utils/ipaddr';

/**
 * The narrow bucket first: an IPv4 address, or the /64 of an IPv6 address followed by its /48, since one host owns a
 * whole /64 and one site a whole /48. Text that is not an address is its own bucket.
 */
export type AddressBuckets = readonly [narrow: string, wide?: string];

const maxLength = 100;

/** Accepts what proxies write: ports, brackets, zone ids (RFC 4007) and IPv4-mapped IPv6 (RFC 4291 section 2.5.5.2). */
export function toAddressBuckets(text: string): AddressBuckets {
  const bare = toBareAddress(text.trim());
  if (!bare.includes(':')) return [bare.slice(0, maxLength)];
  const [address = ''] = bare.split('%');
  // The URL parser checks the syntax and writes a dotted IPv4 tail as two groups.
  if (!URL.canParse(`http://[${address}]`)) return [bare.slice(0, maxLength)];
  const groups = toGroups(new URL(`http://[${address}]`).hostname.slice(1, -1));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return [
      groups
        .slice(6)
        .flatMap((group) => [group >> 8, group & 255])
        .join('.'),
    ];
  }
  const toPrefix = (count: number) =>
    groups
      .slice(0, count)
      .map((group) => group.toString(16))
      .join(':');
  return [`${toPrefix(4)}::/64`, `${toPrefix(3)}::/48`];
}

function toBareAddress(text: string): string {
  const [, bracketed] = /^\[([^\]]*)\](?::\d+)?$/.exec(text) ?? [];
  if (bracketed !== undefined) return bracketed;
  const [, withoutPort] = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text) ?? [];
  return withoutPort ?? text;
}

function toGroups(address: string): number[] {
  return expandIPv6(address)
    .split(':')
    .map((group) => Number.parseInt(group, 16));
}
