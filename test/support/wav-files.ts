/**
 * WAVs as real programs write them, with the players' result for each; ffmpeg and Chromium play those that are
 * `played`.
 */

export interface WavFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface RefusedWav extends WavFile {
  /** The text of the detail. */
  readonly says: RegExp;
}

/** In bytes: two seconds at 8 kHz, 16 bit, mono. */
const audioSize = 32_000;

const audio = (() => {
  const bytes = new Uint8Array(audioSize);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < audioSize; at += 2) view.setInt16(at, Math.trunc(9000 * Math.sin(at / 10)), true);
  return bytes;
})();

export const text = (value: string) => Uint8Array.from(value, (char) => char.charCodeAt(0));
export const zeros = (size: number) => new Uint8Array(size);

export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function u32(value: number, isLittle = true): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value >>> 0, isLittle);
  return bytes;
}

function u64(value: number): Uint8Array {
  return concat(u32(value % 2 ** 32), u32(Math.floor(value / 2 ** 32)));
}

/** A chunk, padded to an even length. `stated` is the size in its header, if different. */
export function chunk(id: string, body: Uint8Array, stated = body.length): Uint8Array {
  return concat(text(id), u32(stated), body, zeros(body.length % 2));
}

interface FormatFields {
  readonly channels?: number;
  readonly rate?: number;
}

export function formatChunk({ channels = 1, rate = 8000 }: FormatFields = {}): Uint8Array {
  const body = new Uint8Array(16);
  const view = new DataView(body.buffer);
  for (const [at, value] of [
    [0, 1],
    [2, channels],
    [12, 2],
    [14, 16],
  ] as const)
    view.setUint16(at, value, true);
  view.setUint32(4, rate, true);
  view.setUint32(8, rate * 2, true);
  return chunk('fmt ', body);
}

/** WAVE_FORMAT_EXTENSIBLE over PCM. */
function extensible(): Uint8Array {
  const plain = formatChunk().slice(8);
  plain.set([0xfe, 0xff]);
  const guid = [1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
  return chunk('fmt ', concat(plain, Uint8Array.of(22, 0, 16, 0, 4, 0, 0, 0, ...guid)));
}

/** With two bytes of zeros at `at`. */
function patched(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy.set([0, 0], at);
  return copy;
}

function taggedWithFooter(size: number): Uint8Array {
  const tag = id3(size);
  tag.set([4, 0, 0x10], 3);
  return concat(tag, text('3DI'), tag.subarray(3, 10));
}

interface WavFields {
  readonly riff?: number;
  readonly data?: number;
  readonly body?: Uint8Array;
  /** Between the format and the audio. */
  readonly middle?: Uint8Array;
  readonly tail?: Uint8Array;
  readonly form?: string;
}

export function wavOf(fields: WavFields = {}): Uint8Array<ArrayBuffer> {
  const { body = audio, middle = formatChunk(), tail = zeros(0), form = 'RIFF' } = fields;
  const riff = fields.riff ?? 4 + middle.length + 8 + body.length;
  const data = fields.data ?? body.length;
  return concat(text(form), u32(riff), text('WAVE'), middle, text('data'), u32(data), body, tail);
}

/** ID3v2.3 with one frame of zeros. */
export function id3(size: number): Uint8Array {
  const sizes = [21, 14, 7, 0].map((shift) => (size >> shift) & 127);
  return concat(text('ID3'), Uint8Array.of(3, 0, 0, ...sizes), zeros(size));
}

function bigEndian(): Uint8Array<ArrayBuffer> {
  const little = wavOf();
  const view = new DataView(little.buffer);
  for (const at of [4, 16, 24, 28, 40]) view.setUint32(at, view.getUint32(at, true));
  for (const at of [20, 22, 32, 34]) view.setUint16(at, view.getUint16(at, true));
  for (let at = 44; at < little.length; at += 2) view.setInt16(at, view.getInt16(at, true));
  little.set(text('RIFX'));
  return little;
}

const longForm = (form: string, dataSize: number) =>
  wavOf({
    form,
    riff: 0xffff_ffff,
    data: 0xffff_ffff,
    middle: concat(
      chunk('ds64', concat(u64(audioSize + 72), u64(dataSize), u64(audioSize / 2), zeros(4))),
      formatChunk(),
    ),
  });

const whole = 36 + audioSize;

export const playedWavs: readonly WavFile[] = [
  ['a plain file', wavOf()],
  ['RIFF size 4 short (old web recorders)', wavOf({ riff: whole - 4 })],
  ['RIFF size 8 over (web recorders)', wavOf({ riff: whole + 8 })],
  ['RIFF size of 100', wavOf({ riff: 100 })],
  ['data size that counts the header (a mobile recorder)', wavOf({ data: 44 + audioSize })],
  ['data size a byte over', wavOf({ data: audioSize + 1 })],
  ['sizes 36 and 0 (killed recorders)', wavOf({ riff: 36, data: 0 })],
  [
    'sizes 4088 and 0 after a FLLR chunk (a killed phone app)',
    wavOf({ riff: 4088, data: 0, middle: concat(formatChunk(), chunk('FLLR', zeros(4044))) }),
  ],
  ['sizes 0 and 0', wavOf({ riff: 0, data: 0 })],
  ['sizes of all ones (ffmpeg into a pipe)', wavOf({ riff: 0xffff_ffff, data: 0xffff_ffff })],
  ['sizes of 2 GiB less a page (sox into a pipe)', wavOf({ riff: 0x7fff_f024, data: 0x7fff_f000 })],
  ['2 GiB less a page in blocks of 3 (24 bit into a pipe)', wavOf({ riff: 0x7fff_efff, data: 0x7fff_efdb })],
  ['2 GiB (arecord into a pipe)', wavOf({ riff: 0x8000_0024, data: 0x8000_0000 })],
  ['an ID3v1 tag after it', wavOf({ tail: concat(text('TAGcall'), zeros(121)) })],
  ['an ID3v2 tag after it', wavOf({ tail: id3(300) })],
  ['zeros up to a sector', wavOf({ tail: zeros(512 - ((44 + audioSize) % 512)) })],
  ['zeros up to 64 KiB', wavOf({ tail: zeros(30_000) })],
  ['text after it', wavOf({ tail: text('recorded by\r\n') })],
  ['a second file after it', concat(wavOf(), wavOf())],
  [
    'a LIST chunk after odd audio without its pad byte',
    wavOf({ body: audio.slice(1), tail: chunk('LIST', text('INFO')) }),
  ],
  [
    'chunks before it',
    wavOf({
      middle: concat(
        chunk('JUNK', zeros(28)),
        chunk('bext', zeros(603)),
        formatChunk(),
        chunk('LIST', text('INFO')),
      ),
    }),
  ],
  ['an odd chunk before it', wavOf({ middle: concat(chunk('LIST', text('INFOx')), formatChunk()) })],
  ['zeros between chunks', wavOf({ middle: concat(formatChunk(), zeros(16)) })],
  [
    'a JUNK chunk of 100 KB before it',
    wavOf({ middle: concat(chunk('JUNK', zeros(100_000)), formatChunk()) }),
  ],
  ['an ID3v2 tag before it (taggers)', concat(id3(200), wavOf())],
  ['an ID3v2 tag of an odd size before it', concat(id3(201), wavOf())],
  ['RIFX', bigEndian()],
  ['an extensible fmt chunk of 40 bytes', wavOf({ middle: extensible() })],
  ['a fmt chunk of 18 bytes', wavOf({ middle: chunk('fmt ', concat(formatChunk().subarray(8), zeros(2))) })],
  ['two fmt chunks', wavOf({ middle: concat(formatChunk(), formatChunk()) })],
  ['an id3 chunk before its audio', wavOf({ middle: concat(formatChunk(), chunk('id3 ', zeros(5000))) })],
  ['an ID3v2.4 tag with a footer before it', concat(taggedWithFooter(100), wavOf())],
  ['a block align of 0', wavOf({ middle: patched(formatChunk(), 20) })],
  [
    'an empty data chunk, then the audio (as ffmpeg reads a size of 0)',
    wavOf({ data: 0, tail: chunk('LIST', text('INFO')) }),
  ],
  ['the rest of a LIST chunk after it', wavOf({ tail: text('LIST') })],
  ['two data chunks', wavOf({ tail: chunk('data', audio) })],
  ['RF64', longForm('RF64', audioSize)],
  ['BW64', longForm('BW64', audioSize)],
  ['RF64 with sizes never filled in', longForm('RF64', 0)],
].map(([name, bytes]) => ({ name, bytes }) as WavFile);

const format = formatChunk();

export const refusedWavs: readonly RefusedWav[] = [
  ['no fmt chunk', wavOf({ middle: zeros(0) }), /no fmt chunk before its data/],
  ['fmt after data', wavOf({ middle: zeros(0), tail: format }), /no fmt chunk before its data/],
  [
    'no data chunk',
    concat(wavOf({ body: zeros(0) }).slice(0, 36), chunk('LIST', text('INFO'))),
    /no data chunk/,
  ],
  ['a header cut before data', wavOf().slice(0, 38), /no data chunk/],
  ['a fmt chunk of 8 bytes', wavOf({ middle: chunk('fmt ', format.slice(8, 16)) }), /fmt chunk has 8 bytes/],
  ['no channels', wavOf({ middle: formatChunk({ channels: 0 }) }), /names no channels/],
  ['no sample rate', wavOf({ middle: formatChunk({ rate: 0 }) }), /names no sample rate/],
  [
    'RF64 without ds64',
    wavOf({ form: 'RF64', data: 0xffff_ffff }),
    /RF64 and does not start with a ds64 chunk/,
  ],
  [
    'RF64 with a ds64 chunk of 16 bytes',
    wavOf({ form: 'RF64', data: 0xffff_ffff, middle: concat(chunk('ds64', zeros(16)), format) }),
    /ds64 chunk has 16 bytes/,
  ],
  [
    'an odd chunk without its pad byte before data',
    wavOf({ middle: concat(format, text('LIST'), u32(5), text('INFOx')) }),
    /no data chunk/,
  ],
  [
    'a chunk whose size is 4 bytes short before data',
    wavOf({ middle: concat(format, text('JUNK'), u32(24), zeros(28)) }),
    /no data chunk/,
  ],
  [
    'a byte order mark before it',
    concat(Uint8Array.of(0xef, 0xbb, 0xbf), wavOf()),
    /does not start as audio\/wav/,
  ],
  ['an ID3v1 tag before it', concat(text('TAG'), zeros(125), wavOf()), /does not start as audio\/wav/],
  ['a W64', concat(text('riff'), zeros(12), wavOf()), /does not start as audio\/wav/],
  [
    'an AIFF-C',
    concat(text('FORM'), u32(100, false), text('AIFC'), zeros(100)),
    /does not start as audio\/wav/,
  ],
  [
    'data after more than a megabyte',
    wavOf({ middle: concat(format, chunk('JUNK', zeros(1_100_000))) }),
    /no data chunk starts in its first 1048576 bytes/,
  ],
  ['another form', wavOf({ form: 'FFIR' }), /does not start as audio\/wav/],
  ['lower-case letters', wavOf({ form: 'riff' }), /does not start as audio\/wav/],
  ['a line break before it', concat(text('\r\n'), wavOf()), /does not start as audio\/wav/],
  ['zeros before it', concat(zeros(64), wavOf()), /does not start as audio\/wav/],
  ['an AVI', concat(text('RIFF'), u32(100), text('AVI LIST'), zeros(100)), /does not start as audio\/wav/],
].map(([name, bytes, says]) => ({ name, bytes, says }) as RefusedWav);
