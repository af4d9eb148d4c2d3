/** HTML forms as clients write them, byte by byte, and the gateway's result for each. */
import { createAudio } from '../emulator/audio.ts';
import { concat, text, wavOf, zeros } from './wav-files.ts';

export interface FormCase {
  readonly name: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** The file in it. */
  readonly file: Uint8Array<ArrayBuffer>;
}

export interface RefusedForm extends Omit<FormCase, 'file'> {
  readonly status: 400 | 415;
  readonly problem: string;
  readonly says: RegExp;
}

const wav = wavOf();
const mp3 = createAudio('mp3', { seed: 'forms', rate: 8000, seconds: 1 }).slice();
const boundary = 'X-BOUNDARY-1234567890';
const plainType = `multipart/form-data; boundary=${boundary}`;
const utf8 = (value: string) => new TextEncoder().encode(value);

interface Part {
  readonly disposition?: string | Uint8Array;
  readonly type?: string | null;
  readonly body?: Uint8Array;
  /** Further header lines. */
  readonly more?: string;
}

const named = (name: string) => `form-data; name="file"; filename="${name}"`;
const call: Part = { disposition: named('call.wav') };

function partOf({ disposition = named('call.wav'), type = 'audio/wav', body = wav, more = '' }: Part) {
  const value = typeof disposition === 'string' ? utf8(disposition) : disposition;
  const lines = `${type === null ? '' : `Content-Type: ${type}\r\n`}${more}`;
  return concat(text('Content-Disposition: '), value, text(`\r\n${lines}\r\n`), body);
}

interface Shape {
  readonly contentType?: string;
  readonly delimiter?: string;
  readonly preamble?: string;
  /** After each boundary, before its line end. */
  readonly padding?: string;
  readonly end?: string;
  readonly newline?: string;
}

function bodyOf(parts: readonly Part[], shape: Shape = {}): Uint8Array<ArrayBuffer> {
  const { delimiter = boundary, preamble = '', padding = '', end = '--\r\n' } = shape;
  const pieces = parts.flatMap((part) => [text(`--${delimiter}${padding}\r\n`), partOf(part), text('\r\n')]);
  return concat(text(preamble), ...pieces, text(`--${delimiter}${end}`));
}

function form(name: string, parts: readonly Part[], shape: Shape & { file?: Uint8Array<ArrayBuffer> } = {}) {
  return {
    name,
    body: bodyOf(parts, shape),
    contentType: shape.contentType ?? plainType,
    file: shape.file ?? wav,
  };
}

const names = [
  ['in Japanese', named('通話.wav')],
  ['in Arabic, from right to left', named('مكالمة\u202e.wav')],
  ['with a curly apostrophe (iOS)', named('Ann’s call.wav')],
  ['decomposed (macOS)', named('cafe\u0301.wav')],
  ['with a narrow space (macOS)', named('Recording at 3.45\u202fPM.wav')],
  ['with an emoji', named('📞.wav')],
  ['in Latin-1', concat(text('form-data; name="file"; filename="caf'), Uint8Array.of(0xe9), text('.wav"'))],
  [
    'in Shift JIS',
    concat(text('form-data; name="file"; filename="'), Uint8Array.of(0x92, 0xca, 0x98, 0x62), text('.wav"')),
  ],
  [
    'with a control character',
    concat(text('form-data; name="file"; filename="a'), Uint8Array.of(1), text('b.wav"')),
  ],
  ['percent-encoded (browsers)', named('a%22b%0D%0A.wav')],
  ['with escaped quotes (curl)', named('a\\"b\\".wav')],
  ['with doubled quotes', named('a ""b"".wav')],
  ['with a Windows path', named('C:\\calls\\a.wav')],
  ['ending in a backslash', named('C:\\calls\\')],
  ['with semicolons and boundaries', named(`a; name=x; --${boundary}.wav`)],
  ['without quotes', 'form-data; name=file; filename=call.wav'],
  ['without quotes, with a space', 'form-data; name=file; filename=my call.wav'],
  ['in filename* only', 'form-data; name="file"; filename*=UTF-8\'\'%E9%80%9A.wav'],
  ['in filename* with a language', 'form-data; name="file"; filename*=utf-8\'en\'call.wav'],
  ['in filename* in quotes', 'form-data; name="file"; filename*="UTF-8\'\'call.wav"'],
  ['in filename* in Latin-1', 'form-data; name="file"; filename*=ISO-8859-1\'\'caf%e9.wav'],
  ['in filename* that cannot be decoded', 'form-data; name="file"; filename*=UTF-8\'\'%ff%zz.wav'],
  ['in filename* of an unknown charset', 'form-data; name="file"; filename*=x-unknown\'\'a.wav'],
  ['in filename and filename*', 'form-data; name="file"; filename="_.wav"; filename*=UTF-8\'\'%E9%80%9A.wav'],
  ['in two pieces (RFC 2231)', 'form-data; name="file"; filename*0="long"; filename*1=".wav"'],
  ['encoded as in e-mail', named('=?utf-8?B?6YCa6Kmx?=.wav')],
  ['of 4,000 characters', named(`${'a'.repeat(4000)}.wav`)],
  ['in capitals', 'Form-Data; Name="file"; FileName="call.wav"'],
  ['with spaces around the equals signs', 'form-data ; name = "file" ; filename = "call.wav"'],
  ['and a trailing semicolon', `${named('call.wav')};`],
  ['and no field name', 'form-data; filename="call.wav"'],
  ['and no form-data', 'attachment; filename="call.wav"'],
] as const;

export const takenForms: readonly FormCase[] = [
  ...names.map(([name, disposition]) => form(`a file name ${name}`, [{ disposition }])),
  form('octet-stream (curl -F, Flutter)', [{ ...call, type: 'application/octet-stream' }]),
  form('an untyped file (requests)', [{ ...call, type: null }]),
  form('an empty type', [{ ...call, type: '' }]),
  ...['audio/*', '*/*', 'undefined', 'null', 'application/x-octet-stream', 'binary/octet-stream'].map(
    (type) => form(`the type ${type}`, [{ ...call, type }]),
  ),
  form('an untyped MP3', [{ disposition: named('call.mp3'), type: null, body: mp3 }], { file: mp3 }),
  form('no file name, with a type (Retrofit)', [{ disposition: 'form-data; name="file"' }]),
  form('no file name and no type', [{ disposition: 'form-data; name="file"', type: null }]),
  form(
    'no file name and no type, an MP3',
    [{ disposition: 'form-data; name="file"', type: null, body: mp3 }],
    { file: mp3 },
  ),
  form('an empty file name, with audio', [{ disposition: named('') }]),
  form('a type with parameters and a semicolon', [{ ...call, type: 'Audio/X-WAV; codecs=1;' }]),
  form('binary transfer encoding (OkHttp)', [
    { ...call, more: 'Content-Transfer-Encoding: binary\r\nContent-Length: 32044\r\n' },
  ]),
  form('folded headers', [{ disposition: 'form-data; name="file";\r\n filename="call.wav"' }]),
  form('a JSON blob beside it (fetch with a Blob)', [
    {
      disposition: 'form-data; name="meta"; filename="blob"',
      type: 'application/json',
      body: text('{"a":1}'),
    },
    call,
  ]),
  form('a JSON blob after it', [
    call,
    {
      disposition: 'form-data; name="meta"; filename="blob"',
      type: 'application/json',
      body: text('{"a":1}'),
    },
  ]),
  form('a picture beside it', [{ disposition: named('a.png'), type: 'image/png', body: zeros(100) }, call]),
  form('an untyped file beside it that is not audio', [
    { disposition: named('notes.txt'), type: 'application/octet-stream', body: text('notes') },
    call,
  ]),
  form('an empty file input after it (browsers)', [
    call,
    { disposition: 'form-data; name="other"; filename=""', type: 'application/octet-stream', body: zeros(0) },
  ]),
  form('an empty file input before it', [
    { disposition: 'form-data; name="other"; filename=""', type: 'application/octet-stream', body: zeros(0) },
    call,
  ]),
  form('an empty file with a name and a type beside it', [
    { disposition: named('none.wav'), body: zeros(0) },
    call,
  ]),
  form('a text field of 5,000 bytes', [
    { disposition: 'form-data; name="transcript"', type: null, body: text('x'.repeat(5000)) },
    call,
  ]),
  form('a text field of 300,000 bytes after it', [
    call,
    {
      disposition: 'form-data; name="transcript"',
      type: 'text/plain; charset=utf-8',
      body: text('é'.repeat(300_000)),
    },
  ]),
  form('text fields that start like audio', [
    { disposition: 'form-data; name="a"', type: null, body: text('ID3, they said') },
    { disposition: 'form-data; name="b"', type: null, body: text('RIFF') },
    call,
  ]),
  form('sixty fields', [
    ...Array.from({ length: 60 }, (_, index) => ({
      disposition: `form-data; name="f${index}"`,
      type: null,
      body: text('x'),
    })),
    call,
  ]),
  form('an empty field', [{ disposition: 'form-data; name="note"', type: null, body: zeros(0) }, call]),
  form('a preamble', [call], { preamble: 'This is a multi-part message in MIME format.\r\n\r\n' }),
  form('a line break before it', [call], { preamble: '\r\n' }),
  form('an epilogue', [call], { end: `--\r\n\r\nThe end --${boundary}\r\n` }),
  form('no line end at the end', [call], { end: '--' }),
  form('padding after its boundaries', [call], { padding: ' \t ', end: '-- \t\r\n' }),
  form('a boundary in quotes', [call], { contentType: `multipart/form-data; boundary="${boundary}"` }),
  form('a boundary and a trailing semicolon', [call], { contentType: `${plainType};` }),
  form('a charset beside its boundary', [call], { contentType: `${plainType}; charset=utf-8` }),
  form('a charset before its boundary', [call], {
    contentType: `multipart/form-data; charset=utf-8; Boundary = ${boundary}`,
  }),
  form('a boundary with every allowed character', [call], {
    delimiter: "-_=?:/.,()'+ x",
    contentType: 'Multipart/Form-Data; boundary="-_=?:/.,()\'+ x"',
  }),
  form('a boundary with special characters, without quotes', [call], {
    delimiter: '----=_Part_1_2:3/4?',
    contentType: 'multipart/form-data; boundary=----=_Part_1_2:3/4?',
  }),
  {
    ...form('line feeds only', []),
    body: concat(
      text(`--${boundary}\nContent-Disposition: ${named('call.wav')}\nContent-Type: audio/wav\n\n`),
      wav,
      text(`\n--${boundary}--\n`),
    ),
  },
];

const text400 = { status: 400, problem: 'invalid-request' } as const;
const audio400 = { status: 400, problem: 'invalid-audio' } as const;
const field: Part = { disposition: 'form-data; name="a"', type: null, body: text('x') };

export const refusedForms: readonly RefusedForm[] = [
  { ...form('two files', [call, call]), ...text400, says: /more than one file with audio/ },
  {
    ...form('two untyped files', [{ type: null }, { type: null, body: mp3 }]),
    ...text400,
    says: /more than one file/,
  },
  { ...form('fields only', [field]), ...text400, says: /it has no file/ },
  { ...form('nothing', []), ...text400, says: /it has no file/ },
  {
    ...form('an empty file input only', [
      { disposition: named(''), type: 'application/octet-stream', body: zeros(0) },
    ]),
    ...text400,
    says: /it has no file/,
  },
  {
    ...form(
      '101 fields',
      Array.from({ length: 101 }, () => field),
    ),
    ...text400,
    says: /more than 100 parts/,
  },
  {
    ...form('a file inside multipart/mixed (RFC 2388)', [
      {
        disposition: 'form-data; name="files"',
        type: 'multipart/mixed; boundary=inner',
        body: concat(
          text('--inner\r\nContent-Disposition: file; filename="a.wav"\r\n\r\n'),
          wav,
          text('\r\n--inner--'),
        ),
      },
    ]),
    ...text400,
    says: /it has no file/,
  },
  { ...form('another boundary', [call], { delimiter: 'other' }), ...text400, says: /does not occur in it/ },
  {
    ...form('no boundary', [call], { contentType: 'multipart/form-data' }),
    ...text400,
    says: /has no boundary/,
  },
  {
    ...form('endless headers', [{ disposition: 'x'.repeat(17_000) }]),
    ...text400,
    says: /longer than 16384/,
  },
  {
    ...form('base64', [{ ...call, body: text(btoa('RIFF')), more: 'Content-Transfer-Encoding: BASE64\r\n' }]),
    ...text400,
    says: /base64; send it as binary/,
  },
  {
    ...form('untyped base64', [
      { type: null, body: text(btoa('RIFF')), more: 'Content-Transfer-Encoding: base64\r\n' },
    ]),
    ...text400,
    says: /base64; send it as binary/,
  },
  { ...form('an empty file', [{ ...call, body: zeros(0) }]), ...audio400, says: /file is empty/ },
  { ...form('an empty untyped file', [{ type: null, body: zeros(0) }]), ...audio400, says: /file is empty/ },
  {
    ...form('an untyped text file', [{ type: null, body: text('hello') }]),
    ...audio400,
    says: /neither a WAV nor an MP3/,
  },
  {
    ...form('a text file declared as a WAV', [{ body: text('hello') }]),
    ...audio400,
    says: /does not start as audio\/wav/,
  },
  {
    ...form('a WAV declared as an MP3', [{ type: 'audio/mpeg' }]),
    ...audio400,
    says: /is audio\/wav, and declared as audio\/mpeg/,
  },
  { ...form('a WAV without data', [{ body: wav.slice(0, 36) }]), ...audio400, says: /no data chunk/ },
  {
    ...form('a picture only', [{ disposition: named('a.png'), type: 'image/png' }]),
    status: 415,
    problem: 'unsupported-media-type',
    says: /form's file must be one of audio\/wav/,
  },
  {
    ...form('an audio file of another format', [
      { disposition: named('a.ogg'), type: 'audio/ogg', body: text('OggS') },
    ]),
    status: 415,
    problem: 'unsupported-media-type',
    says: /form's file must be one of audio\/wav/,
  },
  {
    ...form('a missing end', [call], { end: '\r\n' }),
    status: 400,
    problem: 'incomplete-body',
    says: /./,
  },
];
