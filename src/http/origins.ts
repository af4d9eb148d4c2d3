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
