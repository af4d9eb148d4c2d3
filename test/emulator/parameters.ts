/** A call's parameters, read as PHP reads them: query and form body together, the body wins, of doubles the last. */

export type Parameters = ReadonlyMap<string, string>;

export async function readParameters(request: Request): Promise<Parameters> {
  const parameters = new Map(new URL(request.url).searchParams);
  const type = request.headers.get('content-type') ?? '';
  if (request.method === 'POST' && /^application\/x-www-form-urlencoded\b/i.test(type)) {
    // Not `text()`: workerd warns of it for a form.
    const body = new TextDecoder().decode(await request.arrayBuffer());
    for (const [name, value] of new URLSearchParams(body)) parameters.set(name, value);
  }
  return parameters;
}

/** The page's "Allowed Types", for list and upload alike. */
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

/** The upload types that the vendor's own clients used; true where they gave an id with it. */
export const observedUploadTypes: ReadonlyMap<string, boolean> = new Map([
  ['general', false],
  ['survo', true],
  ['voting', false],
  ['holdmusic', false],
  ['vmail', true],
  ['whisperaudio', false],
  ['prompts', false],
]);
