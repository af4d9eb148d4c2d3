/** Cursors: a place in one list of one account, signed so that clients cannot forge one. */
import { z } from '@hono/zod-openapi';
import { base64url } from 'jose';
import type { LegacyCredentials } from '../legacy/wire.ts';
import type { Hmac } from '../primitives/runtime-streams.ts';
import type { Place } from './walk.ts';

/** The account and the query that a cursor is valid for. */
export interface CursorBinding {
  readonly credentials: LegacyCredentials;
  /** The gateway's TOKEN_KEYS: the first signs, all verify. Without any, the account's secret signs. */
  readonly tokenKeys: readonly Uint8Array[];
  readonly hmac: Hmac;
  /** The parameters that select and filter the list, by name. */
  readonly query: Readonly<Record<string, string | number | undefined>>;
}

/** In characters: room for sixteen sids of 256 ASCII characters. A cursor holds fewer longer ones. */
export const maxCursor = 8000;
/** The rest of it, without the signature. */
const maxContent = 7950;

const placeSchema = z.tuple([
  z.array(z.string()).min(1),
  z.string().nullable(),
  z.string().nullable(),
  z.int().min(0),
  z.number(),
  z.tuple([z.uuid(), z.int().min(0)]).nullable(),
]);

export async function writeCursor(place: Place, binding: CursorBinding): Promise<string> {
  const content = toContent(place);
  const signature = await sign(content, binding.tokenKeys[0] ?? null, binding);
  return `${content}.${base64url.encode(signature)}`;
}

function toContent(place: Place): string {
  const { anchors, date, nextDate, passed, startedAt, snapshot } = place;
  const stored = snapshot && [snapshot.id, snapshot.offset];
  const content = base64url.encode(JSON.stringify([anchors, date, nextDate, passed, startedAt, stored]));
  const isLong = content.length > maxContent && anchors.length > 1;
  return isLong ? toContent({ ...place, anchors: anchors.slice(1) }) : content;
}

/** Null for a text that this gateway did not write for this binding. */
export async function readCursor(text: string, binding: CursorBinding): Promise<Place | null> {
  const [, content = '', signature = ''] = /^([\w-]+)\.([\w-]{43})$/.exec(text) ?? [];
  const bytes = new Uint8Array(base64url.decode(signature));
  // A decoder ignores the unused bits of the last character, so only the exact text that was issued is valid.
  if (content === '' || content.length > maxContent || base64url.encode(bytes) !== signature) return null;
  if (!(await isSigned(bytes, content, binding))) return null;
  // Another release may have written other content.
  const { data } = placeSchema.safeParse(JSON.parse(new TextDecoder().decode(base64url.decode(content))));
  if (!data) return null;
  const [anchors, date, nextDate, passed, startedAt, stored] = data;
  const snapshot = stored && { id: stored[0], offset: stored[1] };
  return { anchors, date, nextDate, passed, startedAt, snapshot };
}

async function isSigned(signature: Uint8Array, content: string, binding: CursorBinding): Promise<boolean> {
  const { tokenKeys } = binding;
  for (const tokenKey of tokenKeys.length > 0 ? tokenKeys : [null]) {
    if (isEqual(await sign(content, tokenKey, binding), signature)) return true;
  }
  return false;
}

/** In a time that does not depend on the place of the first difference. */
function isEqual(expected: Uint8Array, given: Uint8Array): boolean {
  let difference = expected.length ^ given.length;
  for (const [index, byte] of expected.entries()) difference |= byte ^ (given[index] ?? 0);
  return difference === 0;
}

async function sign(
  content: string,
  tokenKey: Uint8Array | null,
  binding: CursorBinding,
): Promise<Uint8Array> {
  return await binding.hmac(await toSigningKey(tokenKey, binding), toMessage(content, binding));
}

/** By the TOKEN_KEY or the credentials that they come from: a derivation costs a page more than its signature. */
const signingKeys = new WeakMap<object, Uint8Array>();

/**
 * A signature by the account's secret would let the holder of a cursor test guesses of it offline, so the random
 * TOKEN_KEYS are preferred.
 */
async function toSigningKey(
  tokenKey: Uint8Array | null,
  { credentials }: CursorBinding,
): Promise<Uint8Array> {
  const source = tokenKey ?? credentials;
  const known = signingKeys.get(source);
  if (known) return known;
  const key = tokenKey ? await deriveKey(tokenKey) : encoder.encode(`cursor\n${credentials.secretAccessKey}`);
  signingKeys.set(source, key);
  return key;
}

async function deriveKey(tokenKey: Uint8Array): Promise<Uint8Array> {
  const material = await crypto.subtle.importKey('raw', tokenKey.slice(), 'HKDF', false, ['deriveBits']);
  const info = encoder.encode(JSON.stringify(['recordings-gateway', 'cursor']));
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info };
  return new Uint8Array(await crypto.subtle.deriveBits(derivation, material, 256));
}

const encoder = new TextEncoder();

function toMessage(content: string, { credentials, query }: CursorBinding): Uint8Array<ArrayBuffer> {
  const chosen = Object.entries(query).sort(([a], [b]) => (a < b ? -1 : 1));
  return encoder.encode(
    JSON.stringify([credentials.accessKey, credentials.secretAccessKey, chosen, content]),
  );
}
