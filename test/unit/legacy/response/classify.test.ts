/** The failure for each status and description of the legacy service. */
import { describe, expect, it, test } from 'vitest';
import { classify } from '../../../../src/legacy/response/classify.ts';

const processing =
  'The requested recording is currently being processed by the system. Please check back later.';

type Answer = Parameters<typeof classify>[0];

const failed = (status: number, description: string): Answer => ({
  action: 'recording.remove',
  status,
  envelope: { result: 'failed', description },
  retryAfter: null,
});

const success = (status: number, description = ''): Answer => ({
  action: 'recording.remove',
  status,
  envelope: { result: 'success', description },
  retryAfter: null,
});

const none = (status: number): Answer => ({
  action: 'recording.remove',
  status,
  envelope: null,
  retryAfter: null,
});

describe('a response', () => {
  it.each([
    ['a success', success(200), null],
    ['a success with a description', success(200, 'Recording successfully removed'), null],
    ['a success with another 2xx', success(202), null],
    ['processing, 202', failed(202, processing), { kind: 'processing', retryAfter: null }],
    ['processing, 200', failed(200, processing), { kind: 'processing', retryAfter: null }],
    ['processing, reported as a success', success(200, processing), { kind: 'processing', retryAfter: null }],
    [
      'a failed removal, reported as a success',
      success(200, 'Error in removing recording.'),
      { kind: 'recording-failed', description: 'Error in removing recording.' },
    ],
    ['a missing file, reported as a success', success(200, 'File not found'), { kind: 'file-not-found' }],
    ['a 202 without a description', failed(202, ''), { kind: 'processing', retryAfter: null }],
    [
      'a 202 with another description',
      failed(202, 'Gone'),
      { kind: 'failed', status: 202, description: 'Gone' },
    ],
    [
      'a missing parameter',
      failed(400, 'Parameter sid is required'),
      { kind: 'invalid-request', description: 'Parameter sid is required' },
    ],
    [
      'a missing parameter, 200',
      failed(200, 'PARAMETER id IS required.'),
      { kind: 'invalid-request', description: 'PARAMETER id IS required.' },
    ],
    ['another 400', failed(400, 'No'), { kind: 'invalid-request', description: 'No' }],
    ['a 400 without a description', failed(400, ''), { kind: 'invalid-request', description: null }],
    ['a wrong key', failed(401, 'Invalid api_key'), { kind: 'credentials-rejected' }],
    ['a wrong key, 200', failed(200, 'invalid API_KEY!'), { kind: 'credentials-rejected' }],
    ['another 401', failed(401, 'Denied'), { kind: 'credentials-rejected' }],
    ['a missing file', failed(404, 'File not found'), { kind: 'file-not-found' }],
    ['a missing file, 200', failed(200, 'file  NOT found...'), { kind: 'file-not-found' }],
    ['no results', failed(404, 'No results returned'), { kind: 'no-results' }],
    ['no results, 200', failed(200, 'No results returned.'), { kind: 'no-results' }],
    [
      'a failed retrieval',
      failed(404, 'Error in retrieving recording'),
      { kind: 'recording-failed', description: 'Error in retrieving recording' },
    ],
    [
      'any other 4xx',
      failed(403, 'Account suspended'),
      { kind: 'failed', status: 403, description: 'Account suspended' },
    ],
    ['a failed 200', failed(200, 'Oops'), { kind: 'failed', status: 200, description: 'Oops' }],
    [
      'a failed 200 without a description',
      failed(200, ''),
      { kind: 'failed', status: 200, description: null },
    ],
    ['a failed 500', failed(500, 'Oops'), { kind: 'failed', status: 500, description: 'Oops' }],
    ['too many requests', none(429), { kind: 'rate-limited', retryAfter: null }],
    [
      'too many requests in an envelope',
      failed(429, 'Slow down'),
      { kind: 'rate-limited', retryAfter: null },
    ],
    ['unavailable', none(503), { kind: 'unavailable', retryAfter: null }],
    ['unavailable, in an envelope', failed(503, 'File not found'), { kind: 'unavailable', retryAfter: null }],
    ['a redirect', none(302), { kind: 'invalid-response', status: 302, reason: 'a redirect' }],
    [
      'a redirect with an envelope',
      success(301),
      { kind: 'invalid-response', status: 301, reason: 'a redirect' },
    ],
    [
      'a 200 without an envelope',
      none(200),
      { kind: 'invalid-response', status: 200, reason: 'no envelope' },
    ],
    [
      'a 404 without an envelope',
      none(404),
      { kind: 'invalid-response', status: 404, reason: 'no envelope' },
    ],
    [
      'a 500 without an envelope',
      none(500),
      { kind: 'invalid-response', status: 500, reason: 'no envelope' },
    ],
    [
      'a success with an error status',
      success(500),
      { kind: 'invalid-response', status: 500, reason: 'success with the status of a failure' },
    ],
  ])('is classified by its description, else by its status: %s', (_what, answer, failure) => {
    expect(classify(answer)).toEqual(failure);
  });

  const now = Date.UTC(2026, 10, 1, 12, 0, 0);

  it.each([
    ['seconds', '120', 120],
    ['zero seconds', '0', 0],
    ['more than an hour', '86400', 3600],
    ['more than a number can hold', '9'.repeat(15), 3600],
    ['a date', 'Sun, 01 Nov 2026 12:00:30 GMT', 30],
    ['a distant date', 'Mon, 02 Nov 2026 12:00:30 GMT', 3600],
    ['a past date', 'Sun, 01 Nov 2026 11:59:00 GMT', 0],
    ['a date that does not exist', 'Sun, 99 Nov 2026 12:00:30 GMT', null],
    ['a date in another form', '2026-11-01T12:00:30Z', null],
    ['a fraction', '1.5', null],
    ['a negative number', '-5', null],
    ['a word', 'soon', null],
    ['nothing', '', null],
  ])('may have a Retry-After: %s', (_what, retryAfter, seconds) => {
    expect(classify({ ...none(503), retryAfter }, now)).toEqual({ kind: 'unavailable', retryAfter: seconds });
    expect(classify({ ...none(429), retryAfter }, now)).toEqual({
      kind: 'rate-limited',
      retryAfter: seconds,
    });
    expect(classify({ ...failed(202, processing), retryAfter }, now)).toEqual({
      kind: 'processing',
      retryAfter: seconds,
    });
  });

  test('with a description of any length is classified in linear time', () => {
    const description = `${'File not found'}${' '.repeat(60_000)}x${'.'.repeat(60_000)}y`;
    const start = performance.now();
    classify(failed(200, description));
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
