/** Response headers of the document; routes refer to them by name. */
import type { JsonObject } from './json.ts';

interface HeaderObject {
  readonly description: string;
  readonly required?: boolean;
  readonly schema: JsonObject;
  readonly example: string | number;
  readonly [extension: `x-${string}`]: never;
}

const text = { type: 'string', maxLength: 8192, pattern: '^[ -~]*$' } as const;
const seconds = { type: 'integer', format: 'int32', minimum: 0, maximum: 86_400 } as const;

const declared = {
  'Accept-Ranges': {
    description: 'Whether `Range` is supported, in bytes (RFC 9110 14.3).',
    schema: { type: 'string', enum: ['bytes', 'none'] },
    example: 'bytes',
  },
  'Access-Control-Allow-Origin': {
    description: 'Present if the operator allows the origin of the page (CORS).',
    schema: text,
    example: 'https://app.example.com',
  },
  'Cache-Control': {
    description: 'Whether the response may be cached (RFC 9111 5.2).',
    required: true,
    schema: text,
    example: 'private, no-store',
  },
  'Content-Disposition': {
    description: 'The file name, and whether to display or save the audio (RFC 6266).',
    required: true,
    schema: text,
    example: 'inline; filename="0907065723240097.wav"',
  },
  'Content-Range': {
    description:
      'The bytes in this response and the total length, or with 416 the total length only; `*` if the length is unknown (RFC 9110 14.4).',
    required: true,
    schema: { type: 'string', maxLength: 80, pattern: '^bytes (\\d+-\\d+|\\*)/(\\d+|\\*)$' },
    example: 'bytes 0-1/16044',
  },
  ETag: {
    description: 'A strong validator of the audio, for `If-None-Match` and `If-Range` (RFC 9110 8.8.3).',
    schema: text,
    example: '"5d41402abc4b2a76b9719d911017c592"',
  },
  'Last-Modified': {
    description: 'When the audio last changed (RFC 9110 8.8.2).',
    schema: text,
    example: 'Wed, 20 Feb 2019 20:42:11 GMT',
  },
  Link: {
    description: 'The next page, as `rel="next"` (RFC 8288). Absent on the last page.',
    schema: { type: 'string', maxLength: 32_768, pattern: '^<[^>]+>; rel="next"$' },
    example: '</recordings?type=findme&id=1234&cursor=eyJ2Ijox>; rel="next"',
  },
  Location: {
    description: 'The URL to continue at (RFC 9110 10.2.2).',
    required: true,
    schema: { type: 'string', maxLength: 8192, format: 'uri-reference' },
    example: '/panel',
  },
  'Preference-Applied': {
    description: 'The preference that the gateway applied (RFC 7240 3).',
    schema: text,
    example: 'wait=30',
  },
  'Retry-After': {
    description: 'Seconds to wait before a retry (RFC 9110 10.2.3).',
    required: true,
    schema: seconds,
    example: 15,
  },
  'Server-Timing': {
    description:
      'The time that the legacy service took, in milliseconds. Absent if it was not called (Server Timing).',
    schema: text,
    example: 'legacy;dur=213.4',
  },
  Vary: {
    description: 'The request headers that the response depends on (RFC 9110 12.5.5).',
    schema: text,
    example: 'Accept',
  },
  'WWW-Authenticate': {
    description: 'How to authenticate (RFC 9110 11.6.1). Absent if other credentials would not help.',
    schema: text,
    example: 'Basic realm="recordings", charset="UTF-8"',
  },
  'X-Request-Id': {
    description: 'Identifies the request in the log of the gateway. Quote it when you contact the operator.',
    required: true,
    schema: { type: 'string', maxLength: 255, pattern: '^[ -~]*$' },
    example: '2bf2071e-4973-43de-959d-f752d911692f',
  },
} as const satisfies Record<string, HeaderObject>;

export type HeaderName = keyof typeof declared;

/**
 * For the `components` of the document. A header that only some responses of a status have is declared under a second
 * name.
 */
export const headerComponents: Readonly<Record<string, HeaderObject>> = {
  ...declared,
  'Content-Range-Optional': { ...declared['Content-Range'], required: false },
  'Retry-After-Optional': { ...declared['Retry-After'], required: false },
};

/** Set by `app.ts` on every response. */
export const commonHeaders = [
  'X-Request-Id',
  'Cache-Control',
  'Server-Timing',
  'Vary',
  'Access-Control-Allow-Origin',
] as const satisfies HeaderName[];
