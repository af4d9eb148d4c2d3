/** Searches for leaked secrets: whole, in pieces, and in every form in which software writes text. */

export interface Canaries {
  /** The names of the secrets in the content. */
  find(content: string | Uint8Array): readonly string[];
}

/** Of a secret this long, its start, middle and end count as well. */
const pieceLength = 16;

export function createCanaries(secrets: Readonly<Record<string, string>>): Canaries {
  const needles = Object.entries(secrets).flatMap(([name, secret]) =>
    toPieces(secret).flatMap((piece) => [...new Set(toForms(piece))].map((form) => ({ name, form }))),
  );
  return {
    find(content) {
      const text = typeof content === 'string' ? content : toLatin1(content);
      return [...new Set(needles.filter(({ form }) => text.includes(form)).map(({ name }) => name))];
    },
  };
}

function toPieces(secret: string): string[] {
  if (secret.length <= 2 * pieceLength) return [secret];
  const at = (start: number) => secret.slice(start, start + pieceLength);
  return [at(0), at(Math.floor((secret.length - pieceLength) / 2)), at(secret.length - pieceLength)];
}

/** Base64 has three forms, by the text's position in a group of three bytes. */
export function toForms(text: string): string[] {
  const hex = [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const base64 = [0, 1, 2].map((offset) => {
    const encoded = btoa(' '.repeat(offset) + toLatin1(new TextEncoder().encode(text)));
    // The first and last characters also hold bits of the neighbouring bytes.
    return encoded.replace(/=+$/, '').slice(offset === 0 ? 0 : offset + 1, -1);
  });
  const encoded = encodeURIComponent(text);
  return [
    text,
    encoded,
    encoded.toLowerCase(),
    encodeURIComponent(encoded),
    new URLSearchParams({ '': text }).toString().slice(1),
    encodeURI(text),
    JSON.stringify(text).slice(1, -1),
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    ...base64,
    ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
    hex,
    hex.toUpperCase(),
  ];
}

function toLatin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
}
