/** Truncation that HTTP does not show is detected in the audio itself. */
import { describe, expect, test } from 'vitest';
import { type EndedAudio, judgeEnding } from '../../../../src/legacy/response/ending.ts';
import { readWavHeader } from '../../../../src/legacy/response/wav-header.ts';
import { createAudio } from '../../../emulator/audio.ts';
import { chunk, concat, formatChunk, playedWavs, text, wavOf, zeros } from '../../../support/wav-files.ts';

const mp3 = createAudio('mp3', { seed: 'ending', rate: 8000, seconds: 5 }).slice();
const wav = wavOf();
const unfinished = wavOf({ riff: 36, data: 0 });
const ended = (bytes: Uint8Array): EndedAudio => ({ length: bytes.length, tail: bytes.slice(-16_384) });

function judge(format: 'wav' | 'mp3', bytes: Uint8Array): string {
  const reading = format === 'wav' ? readWavHeader(bytes, 0, true) : null;
  return judgeEnding({ format, wav: reading?.kind === 'wav' ? reading.header : null }, ended(bytes));
}

const fatal = [
  '<br />\n<b>Fatal error</b>:  Maximum execution time of 30 seconds exceeded in <b>/srv/a.php</b> on line <b>42</b><br />\n',
  '<br />\n<b>Fatal error</b>:  Uncaught Exception: x in /srv/a.php:3\nStack trace:\n#0 {main}\n  thrown in <b>/srv/a.php</b> on line <b>3</b><br />\n',
  '<br />\n<b>Recoverable fatal error</b>:  Object could not be converted in <b>/srv/a.php</b> on line <b>3</b><br />\n',
  '<br />\n<b>Parse error</b>:  syntax error in <b>/srv/a.php</b> on line <b>3</b><br />\n',
  '\nFatal error: Allowed memory size of 134217728 bytes exhausted in /srv/a.php on line 7\n',
  'PHP Fatal error:  Maximum execution time exceeded in /srv/a.php on line 7'.padStart(74, '\n'),
  '<?xml version="1.0"?><response><result>failed</result><result_description>Error</result_description></response>',
];
const mild = [
  '<br />\n<b>Warning</b>:  fread(): SSL: Connection reset by peer in <b>/srv/a.php</b> on line <b>9</b><br />\n',
  '<br />\n<b>Notice</b>:  Undefined index in <b>/srv/a.php</b> on line <b>9</b><br />\n',
  '\nWarning: fread(): read of 8192 bytes failed in /srv/a.php on line 9\n',
];

describe('a WAV', () => {
  test.each(playedWavs.filter(({ name }) => !name.includes('tag')))('with $name is complete', ({ bytes }) => {
    expect(judge('wav', bytes)).toBe('whole');
  });

  test.each([513, 1000, 16_000, 31_999])('that ends %i bytes before its header says is cut', (missing) => {
    expect(judge('wav', wav.slice(0, -missing))).toBe('cut');
  });

  test.each([1, 44, 512])('that ends %i bytes before its header says is complete', (missing) => {
    expect(judge('wav', wav.slice(0, -missing))).toBe('whole');
  });

  test('after other chunks is measured from the start of its audio', () => {
    const middle = concat(chunk('LIST', zeros(5000)), formatChunk());
    const long = wavOf({ middle });
    expect(judge('wav', long)).toBe('whole');
    expect(judge('wav', long.slice(0, -5000))).toBe('cut');
  });

  test('whose audio starts later than its header was read is doubtful, or cut before that offset', () => {
    const header = { dataStart: 200_000, dataSize: 0 };
    const judgeAt = (length: number) =>
      judgeEnding({ format: 'wav', wav: header }, { length, tail: wav.slice(-16_384) });
    expect(judgeAt(300_000)).toBe('doubtful');
    expect(judgeAt(199_000)).toBe('cut');
  });

  test('without a readable header is doubtful', () => {
    expect(judgeEnding({ format: 'wav', wav: null }, ended(wav))).toBe('doubtful');
  });

  test.each(fatal)('that ends in an error text is cut (%#)', (said) => {
    expect(judge('wav', concat(wav.slice(0, 20_000), text(said)))).toBe('cut');
    expect(judge('wav', concat(unfinished, text(said)))).toBe('cut');
    expect(judge('wav', concat(wav.slice(0, -400), text(said.repeat(5))))).toBe('doubtful');
    expect(judge('wav', concat(wav, text(said)))).toBe('doubtful');
  });

  test.each(mild)('that ends in a warning is judged by the audio before it (%#)', (said) => {
    expect(judge('wav', concat(wav.slice(0, 20_000), text(said)))).toBe('cut');
    expect(judge('wav', concat(unfinished, text(said)))).toBe('doubtful');
    expect(judge('wav', concat(wav, text(said)))).toBe('doubtful');
  });
});

describe('an MP3', () => {
  test.each([
    ['its last frame', zeros(0)],
    ['an ID3v1 tag', concat(text('TAG'), zeros(125))],
  ])('that ends with %s is complete', (_what, trailer) => {
    expect(judge('mp3', concat(mp3, trailer))).toBe('whole');
  });

  test.each([1, 50, 100, 143])('that ends %i bytes into its last frame is doubtful', (missing) => {
    expect(judge('mp3', mp3.slice(0, -missing))).toBe('doubtful');
  });

  test.each(fatal)('that ends in an error text is cut (%#)', (said) => {
    expect(judge('mp3', concat(mp3, text(said)))).toBe('cut');
    expect(judge('mp3', concat(mp3.slice(0, -50), text(said)))).toBe('cut');
  });

  test.each(mild)('that ends in a warning is judged by the audio before it (%#)', (said) => {
    expect(judge('mp3', concat(mp3, text(said)))).toBe('doubtful');
    expect(judge('mp3', concat(mp3.slice(0, -50), text(said)))).toBe('cut');
  });
});
