/** The scenarios of every generated client, and the problems that each must return as typed errors. */

export const deeds = [
  'walks a list by its pages',
  'gets WAV, byte for byte',
  'gets MP3, byte for byte',
  'tells processing from audio',
  'makes a link that plays without credentials',
  'deletes',
  'uploads from a path',
  'uploads bytes',
  'gets a token and acts with it',
] as const;

export interface Refusal {
  readonly slug: string;
  readonly status: number;
  readonly call: 'list' | 'audio' | 'delete' | 'upload-bytes';
  /** The sid, or the limit of a list. */
  readonly argument: string;
  /** `user:password`, `Bearer token`, or nothing. */
  readonly credentials: string;
  /** The legacy service's fault as JSON, or nothing. */
  readonly fault: string;
}

const own = 'foofoofoo:foobarfoo';
const playable = '0907065723240097';

/** `readOnly`: a token without the scope to delete. */
export function refusals(readOnly: string): Refusal[] {
  const row = (slug: string, status: number, rest: Partial<Refusal> = {}): Refusal => ({
    ...{ slug, status, call: 'list', argument: '1', credentials: own, fault: '' },
    ...rest,
  });
  // A failed call is retried once, so both must fail.
  const fault = (name: string) => ({ fault: JSON.stringify({ name, times: 2 }) });
  return [
    row('invalid-request', 400, { argument: '0' }),
    row('invalid-audio', 400, { call: 'upload-bytes', argument: 'not audio' }),
    row('credentials-missing', 401, { credentials: '' }),
    row('credentials-rejected', 401, { credentials: 'foofoofoo:wrong' }),
    row('invalid-token', 401, { credentials: 'Bearer eyJhbGciOiJkaXIifQ..aa.aa.aa' }),
    row('insufficient-scope', 403, {
      call: 'delete',
      argument: playable,
      credentials: `Bearer ${readOnly}`,
    }),
    row('recording-not-found', 404, { call: 'audio', argument: '0000000000000000' }),
    row('recording-processing', 409, { call: 'delete', argument: '0907065723240203' }),
    row('legacy-rate-limited', 429, fault('rate-limited')),
    row('legacy-failed', 502, { call: 'audio', argument: '0907065723240404' }),
    row('legacy-invalid-response', 502, fault('html-page')),
    row('legacy-unreachable', 502, fault('reset-before-answer')),
    row('legacy-unavailable', 503, fault('unavailable')),
    row('legacy-timeout', 504, fault('stall-before-answer')),
  ];
}

export function toScenario({ slug, status }: Refusal): string {
  return `is refused: ${status} ${slug}`;
}
