/** The origins of `CORS_ORIGINS`, whose pages may read responses. */

/** Any origin, or the listed ones, each as a browser sends it. */
export type CorsOrigins = '*' | readonly string[];

/**
 * Parses a list separated by commas. Origins are compared with the browser's header character by character, so each
 * must have exactly that form. Throws an Error whose message gives the position of the first invalid one.
 */
export function parseOrigins(text: string): CorsOrigins {
  const origins = text.split(',').map((origin) => origin.trim());
  if (origins.length === 1 && origins[0] === '*') return '*';
  const wrong = origins.findIndex((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (wrong < 0) return origins;
  throw new Error(
    `must be * or origins, as https://app.example.com: number ${wrong + 1} of ${origins.length} has another form`,
  );
}

/**
 * Whether a page of an origin that is not allowed made a browser send the request. Any page can do so cross-origin
 * with a form or without a body, and the browser adds Basic credentials that its user once entered. It sends other
 * bodies cross-origin only if CORS allows, and without those credentials.
 */
export function isFromOtherSite(
  { headers, url }: Pick<Request, 'headers' | 'url'>,
  allowed: CorsOrigins | null,
): boolean {
  const origin = headers.get('Origin');
  const site = headers.get('Sec-Fetch-Site') ?? (origin === new URL(url).origin ? 'same-origin' : 'unknown');
  const isOwn = site === 'same-origin' || site === 'none' || (site === 'unknown' && origin === null);
  const isAllowed = origin !== null && allowed !== '*' && allowed?.includes(origin);
  return !isOwn && !isAllowed;
}
