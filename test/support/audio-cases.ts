/** Audio of any length, a legacy service that serves it, and ranges of it, for tests of clients' responses. */
import fc from 'fast-check';
import type { TestGateway } from './harness.ts';

const longest = 300_000;
const longestSound = Uint8Array.from(
  { length: longest },
  (_, index) => (index * 31 + (index >> 8) * 7) & 255,
);
/** 8 kHz, mono, 8 bits, of a recorder that never filled in its sizes, so that audio of any length follows. */
const header = Uint8Array.from(
  atob('UklGRv////9XQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0Yf////8='),
  (character) => character.charCodeAt(0),
);
longestSound.set(header);

/** A WAV of which no two parts are equal. From 44 to 300,000 bytes. */
export function createSound(length: number): Uint8Array<ArrayBuffer> {
  return longestSound.slice(0, length);
}

export interface SoundOptions {
  /** Whether Content-Length is sent. */
  readonly declared: boolean;
  /** Responds to a `Range`, which is ignored otherwise. */
  readonly cut?: (sound: Uint8Array<ArrayBuffer>, range: string) => Response;
}

/** A download of the audio, in chunks of an odd size. */
export function answerSound(
  request: Request,
  sound: Uint8Array<ArrayBuffer>,
  options: SoundOptions,
): Response {
  const range = request.headers.get('range');
  if (range !== null && options.cut) return options.cut(sound, range);
  const headers = { 'Content-Type': 'audio/wav' };
  const declared = options.declared ? { 'Content-Length': String(sound.length) } : {};
  return new Response(toStream(sound), { headers: { ...headers, ...declared } });
}

function toStream(bytes: Uint8Array<ArrayBuffer>): ReadableStream {
  let at = 0;
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const chunk = bytes.slice(at, at + 47_111);
      at += chunk.length;
      if (chunk.length > 0) return controller.enqueue(chunk);
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
}

/** From a WAV without any audio to more than one buffer holds. */
export const soundLength = fc.integer({ min: header.length, max: longest });

const position = fc.oneof(fc.nat(20), fc.nat(400_000), fc.constant(Number.MAX_SAFE_INTEGER));

/** Any text that a client may send. */
export const rangeText = fc.oneof(
  fc.tuple(position, position).map(([first, last]) => `bytes=${first}-${last}`),
  position.map((first) => `bytes=${first}-`),
  position.map((suffix) => `bytes=-${suffix}`),
);

export interface ExpectedPart {
  readonly status: 200 | 206 | 416;
  readonly start: number;
  readonly end: number;
}

/** The range that RFC 9110, section 14.1.2, prescribes for a known length; implemented independently of the gateway. */
export function toExpected(range: string, length: number): ExpectedPart {
  const [first = '', last = ''] = range.slice('bytes='.length).split('-');
  const whole = { status: 200, start: 0, end: length } as const;
  if (first === '') {
    const suffix = Math.min(Number(last), length);
    return suffix === 0 ? { ...whole, status: 416 } : { status: 206, start: length - suffix, end: length };
  }
  if (last !== '' && Number(last) < Number(first)) return whole;
  if (Number(first) >= length) return { ...whole, status: 416 };
  const end = last === '' ? length : Math.min(length, Number(last) + 1);
  return { status: 206, start: Number(first), end };
}

export async function getBytes(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

/** Compares without showing: a difference would fill the screen. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

export type Ask = (headers?: Readonly<Record<string, string>>, method?: string) => Promise<Response>;

/** Requests one recording's audio with the keys of an account that any legacy service accepts. */
export function createAsk(gateway: TestGateway, sid: string, query = ''): Ask {
  const Authorization = `Basic ${btoa('some-key:some-secret')}`;
  return (headers = {}, method = 'GET') =>
    gateway.fetch(`/recordings/${sid}/audio${query}`, { method, headers: { Authorization, ...headers } });
}
