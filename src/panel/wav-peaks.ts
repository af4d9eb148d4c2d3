/**
 * The waveform of a WAV as it streams: the loudest sample per interval, in the memory of a picture instead of the
 * audio.
 */

export interface Peaks {
  /** From 0 to 1, equally spaced over the whole length. */
  readonly levels: Float32Array;
  /** In seconds. */
  readonly duration: number;
}

interface Shape {
  readonly decode: (view: DataView, at: number) => number;
  readonly bytesPerSample: number;
  readonly bytesPerSecond: number;
  /** Offset and length of the samples in bytes, from the header. */
  readonly start: number;
  readonly length: number;
}

/** Ample for a header with comments; a WAV whose samples start later gets no waveform. */
const maxHeader = 65_536;

/** Null for bytes that are not a supported WAV. `total`: length of the body in bytes, if known. */
export async function readPeaks(
  body: ReadableStream<Uint8Array>,
  { buckets, total }: { readonly buckets: number; readonly total: number | null },
): Promise<Peaks | null> {
  let head = new Uint8Array(0);
  let shape: Shape | null = null;
  let position = 0;
  let rest = new Uint8Array(0);
  const levels = new Float32Array(buckets);
  let samples = 0;

  for await (const chunk of toChunks(body)) {
    let bytes = chunk;
    if (!shape) {
      head = join(head, chunk);
      shape = readShape(head);
      if (!shape && head.length > maxHeader) return null;
      if (!shape) continue;
      bytes = head.subarray(shape.start);
      // A header written before its length was known states zero or four billion.
      const known = total === null ? shape.length : Math.min(shape.length || total, total - shape.start);
      samples = Math.floor(known / shape.bytesPerSample);
    }
    const { bytesPerSample, decode } = shape;
    const whole = join(rest, bytes);
    const view = new DataView(whole.buffer, whole.byteOffset, whole.length);
    const count = Math.min(Math.floor(whole.length / bytesPerSample), samples - position);
    for (let i = 0; i < count; i++) {
      const level = Math.abs(decode(view, i * bytesPerSample));
      const bucket = Math.floor(((position + i) * buckets) / samples);
      if (level > (levels[bucket] ?? 1)) levels[bucket] = level;
    }
    position += count;
    rest = whole.slice(count * bytesPerSample);
    if (position >= samples) break;
  }
  if (!shape || position === 0) return null;
  return { levels, duration: (samples * shape.bytesPerSample) / shape.bytesPerSecond };
}

/** Null while the header is incomplete, and for an invalid one. */
function readShape(bytes: Uint8Array): Shape | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const name = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (name(0) !== 'RIFF' || name(8) !== 'WAVE') return null;
  let format: Omit<Shape, 'start' | 'length'> | null = null;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name(at) === 'data') return format && { ...format, start, length };
    if (name(at) === 'fmt ' && start + 16 <= bytes.length) {
      const decode = decoders.get(`${view.getUint16(start, true)}/${view.getUint16(start + 14, true)}`);
      if (!decode) return null;
      const bytesPerSample = view.getUint16(start + 14, true) / 8;
      format = { decode, bytesPerSample, bytesPerSecond: view.getUint32(start + 8, true) };
    }
    at = start + length + (length % 2);
  }
  return null;
}

type Decode = Shape['decode'];

/** By WAVE format tag and bits per sample: the formats of telephony. */
const decoders: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['1/8', (view, at) => (view.getUint8(at) - 128) / 128],
  ['1/16', (view, at) => view.getInt16(at, true) / 32_768],
  ['7/8', (view, at) => fromMuLaw(view.getUint8(at))],
]);

/** ITU-T G.711, µ-law, without its sign. */
function fromMuLaw(byte: number): number {
  const bits = ~byte & 0x7f;
  return ((((bits & 0x0f) << 3) + 0x84) * 2 ** (bits >> 4) - 0x84) / 32_768;
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Safari's streams are not async iterable. */
async function* toChunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
