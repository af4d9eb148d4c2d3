/** Negotiates a media type by `Accept` (RFC 9110, section 12.5.1). */
import { type Accept, parseAccept } from 'hono/utils/accept';

export interface Offer<Value> {
  readonly value: Value;
  readonly mediaType: string;
  /** Other names that clients use for the media type. */
  readonly aliases?: readonly string[];
}

/**
 * The offer that `Accept` prefers; null if it allows none. The first offer wins ties and requests without the header.
 * Hono's `accepts` does not fit: it ignores a more specific `q=0`, and matches no wildcards.
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

/** The weight that the most specific range gives the offer, from 0 (rejected or absent) to 1. */
function toQuality(offer: Offer<unknown>, ranges: readonly Accept[]): number {
  let best = { specificity: 0, q: 0 };
  for (const range of ranges) {
    const specificity = toSpecificity(offer, range);
    const better = specificity > best.specificity || (specificity === best.specificity && range.q > best.q);
    if (specificity > 0 && better) best = { specificity, q: range.q };
  }
  return best.q;
}

/** 0 if the range does not match the offer. */
function toSpecificity({ mediaType, aliases = [] }: Offer<unknown>, { type, params, q }: Accept): number {
  const hasParameters = Object.keys(params).some((name) => name.toLowerCase() !== 'q');
  // Our types have no parameters: a rejected type with parameters excludes nothing, a preferred one may match.
  if (hasParameters && q === 0) return 0;
  const name = type.toLowerCase();
  if (name === '*/*' || name === '*') return 1;
  if (name === `${mediaType.split('/')[0]}/*`) return 2;
  if (aliases.includes(name)) return 3;
  if (name === mediaType) return hasParameters ? 4 : 5;
  return 0;
}
