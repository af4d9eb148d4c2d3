/** Request headers of the document; routes refer to them by name and read them themselves. */
import { maxIdempotencyKey } from '../http/idempotency-key.ts';
import type { JsonObject } from './json.ts';

const declared = {
  'Idempotency-Key': {
    description:
      'For 24 hours, the same key with the same upload returns the first response again, and the legacy service is called once; with the same export, it returns that export (draft-ietf-httpapi-idempotency-key-header). A string in quotation marks, or a bare UUID such as `8e03978e-40d5-43dd-bc93-6894a57f9324`.',
    // Every character may be escaped, and two quotation marks are added.
    // No example: the reference and other tools would send it with each upload.
    schema: { type: 'string', minLength: 1, maxLength: 2 * maxIdempotencyKey + 2 },
  },
  'If-None-Match': {
    description:
      'The `ETag` of the audio that the client has. If the audio has not changed, the response is a 304 (RFC 9110 13.1.2).',
    schema: { type: 'string' },
    example: '"5d41402abc4b2a76b9719d911017c592"',
  },
  'If-Range': {
    description:
      'The `ETag` of the audio that the client has in part. If the audio has changed, the response is the whole audio (RFC 9110 13.1.5).',
    schema: { type: 'string' },
    example: '"5d41402abc4b2a76b9719d911017c592"',
  },
  'Last-Event-ID': {
    description:
      'The ID of the last event that the client received; later events follow (WHATWG HTML 9.2.4).',
    schema: { type: 'string' },
    example: '7',
  },
  Prefer: {
    description:
      '`wait=N`: wait up to N seconds, at most 60, for audio that is still being processed (RFC 7240 4.3).',
    schema: { type: 'string' },
    example: 'wait=10',
  },
  Range: {
    description:
      'One range of the audio, in bytes from 0 (RFC 9110 14.2). Several ranges return the whole audio.',
    schema: { type: 'string' },
    example: 'bytes=0-1023',
  },
} as const;

export type RequestHeaderName = keyof typeof declared;

/** By name; none is required. */
export const requestHeaderParameters: Readonly<Record<string, JsonObject>> = Object.fromEntries(
  Object.entries(declared).map(([name, rest]) => [name, { name, in: 'header', required: false, ...rest }]),
);
