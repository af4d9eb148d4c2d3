/** Origins of pages that may read responses, as `CORS_ORIGINS` lists them. */

/** Any origin, or those that are listed, each as a browser writes it. */
export type CorsOrigins = '*' | readonly string[];

/**
 * Parses a list separated by commas. Origins are compared with what a browser sends, character by character, so each
 * must have exactly that form. Throws an Error whose message gives the position of the first that does not.
 */
export function parseOrigins(text: string): CorsOrigins {
  const origins = text.split(',').map((origin) => origin.trim());
  if (origins.length === 1 && origins[0] === '*') return '*';
  const wrong = origins.findIndex((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (wrong < 0) return origins;
  throw new Error(
    `must be * or origins, as https://app.example.com: number ${wrong + 1} of ${origins.length} is none`,
  );
}
