/**
 * Reads the headers of a form's part. A file name may be in any script, encoding and quoting, so only its presence
 * matters.
 */

export interface FormPart {
  /** `audio`: declared as audio. `untyped`: its bytes decide. `other`: declared as something else. */
  readonly kind: 'audio' | 'untyped' | 'other';
  /** As declared; empty for untyped parts. */
  readonly contentType: string;
  /** Whether it has a file name; browsers send an empty name for an empty file input. */
  readonly hasName: boolean;
  /** A Content-Transfer-Encoding that changes the bytes; null without one. */
  readonly encoding: string | null;
}

/** Media types that clients use when they do not know the type. */
const untyped = [
  '',
  'application/octet-stream',
  'binary/octet-stream',
  'application/x-binary',
  'application/x-octet-stream',
  'application/force-download',
  'application/unknown',
  // Android file pickers pass on their filter, and scripts the name of an absent value.
  'audio/*',
  '*/*',
  'undefined',
  'null',
];

export function readFormPart(head: Uint8Array): FormPart {
  const headers = readHeaders(head);
  const contentType = headers.get('content-type') ?? '';
  const [type = ''] = contentType.split(';');
  const mediaType = type.trim().toLowerCase();
  const isUntyped = untyped.includes(mediaType);
  const encoding = (headers.get('content-transfer-encoding') ?? '').toLowerCase();
  return {
    kind: isUntyped ? 'untyped' : mediaType.startsWith('audio/') ? 'audio' : 'other',
    contentType: isUntyped ? '' : contentType,
    hasName: hasFileName(headers.get('content-disposition') ?? ''),
    encoding: ['base64', 'quoted-printable', 'x-uuencode', 'uuencode'].includes(encoding) ? encoding : null,
  };
}

/** By name in lower case; continuation lines (RFC 822 folding) belong to their header. */
function readHeaders(head: Uint8Array): Map<string, string> {
  const text = new TextDecoder('latin1').decode(head).replace(/\r?\n[ \t]+/g, ' ');
  const pairs = text.split(/\r?\n/).map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, Math.max(0, colon)).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  return new Map(pairs);
}

/** Whether there is a `filename` or `filename*` that is not empty. */
function hasFileName(disposition: string): boolean {
  const [, value = ''] = /;\s*filename\*?\d*\*?\s*=\s*(.*)$/is.exec(disposition) ?? [];
  return value !== '' && !/^""\s*(?:;|$)/.test(value) && !value.startsWith(';');
}
