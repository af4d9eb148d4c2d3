/**
 * Reads a call's parameters as PHP does: query and form body together; the body overrides, and the last duplicate
 * wins.
 */

export type Parameters = ReadonlyMap<string, string>;

export async function readParameters(request: Request): Promise<Parameters> {
  const parameters = new Map(new URL(request.url).searchParams);
  const type = request.headers.get('content-type') ?? '';
  if (request.method === 'POST' && /^application\/x-www-form-urlencoded\b/i.test(type)) {
    // Not `text()`: workerd warns about it for forms.
    const body = new TextDecoder().decode(await request.arrayBuffer());
    for (const [name, value] of new URLSearchParams(body)) parameters.set(name, value);
  }
  return parameters;
}

/** The page's "Allowed Types", for lists and uploads. */
export const types = [
  'findme',
  'locator',
  'recorded_calls',
  'survey',
  'queue',
  'powerdialer',
  'recorded_call',
  'user_recordings',
] as const;

/** Upload types of the vendor's own clients; true if they sent an id. */
export const observedUploadTypes: ReadonlyMap<string, boolean> = new Map([
  ['general', false],
  ['survo', true],
  ['voting', false],
  ['holdmusic', false],
  ['vmail', true],
  ['whisperaudio', false],
  ['prompts', false],
]);
