/** Chooses among the media types that a resource has by what `Accept` allows (RFC 9110, section 12.5.1). */
import { type Accept, parseAccept } from 'hono/utils/accept';

export interface Offer<Value> {
  readonly value: Value;
  readonly mediaType: string;
  /** Other names under which clients ask for the same. */
  readonly aliases?: readonly string[];
}

/**
 * The offer that `Accept` prefers; null where it allows none. Equally good, or no header: the first.
 * Hono's own `accepts` is not it: to that a more specific `q=0` does not exclude, nor a wildcard include, a type.
 */
export function chooseOffer<Value>(
  accept: string | null | undefined,
  offers: readonly Offer<Value>[],
): Value | null {
  const ranges = parseAccept(accept ?? '');
  const weighed = offers.map((offer) => ({ offer, q: ranges.length === 0 ? 1 : toQuality(offer, ranges) }));
  const best = weighed.reduce((a, b) => (b.q > a.q ? b : a));
  return best.q > 0 ? best.offer.value : null;
}

/** The weight that the most specific range gives the offer, from 0 (refused, or not named) to 1. */
function toQuality(offer: Offer<unknown>, ranges: readonly Accept[]): number {
  let best = { specificity: 0, q: 0 };
  for (const range of ranges) {
    const specificity = toSpecificity(offer, range);
    const better = specificity > best.specificity || (specificity === best.specificity && range.q > best.q);
    if (specificity > 0 && better) best = { specificity, q: range.q };
  }
  return best.q;
}

/** 0 where the range does not speak of the offer. */
function toSpecificity({ mediaType, aliases = [] }: Offer<unknown>, { type, params, q }: Accept): number {
  const hasParameters = Object.keys(params).some((name) => name.toLowerCase() !== 'q');
  // Our types have no parameters: refusing one that has some refuses nothing, wishing for one is worth a try.
  if (hasParameters && q === 0) return 0;
  const name = type.toLowerCase();
  if (name === '*/*' || name === '*') return 1;
  if (name === `${mediaType.split('/')[0]}/*`) return 2;
  if (aliases.includes(name)) return 3;
  if (name === mediaType) return hasParameters ? 4 : 5;
  return 0;
}
