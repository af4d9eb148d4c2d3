/** Audio formats: their names and aliases, and the choice by `Accept`. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { negotiateFormat, toAudioFormat } from '../../../src/audio/formats.ts';

describe('the name of a format', () => {
  it.each([
    ['mp3', 'mp3'],
    ['wav', 'wav'],
    ['.mp3', 'mp3'],
    ['.MP3', 'mp3'],
    ['Wav', 'wav'],
    ['', null],
    ['.', null],
    ['..mp3', null],
    ['ogg', null],
    ['mp3 ', null],
    ['wave', null],
    ['__proto__', null],
  ])('%j is %s', (text, format) => {
    expect(toAudioFormat(text)).toBe(format);
  });
});

describe('Accept', () => {
  it.each([
    [undefined, 'wav'],
    [null, 'wav'],
    ['', 'wav'],
    [' , ,', 'wav'],
    ['*/*', 'wav'],
    ['*', 'wav'],
    ['audio/*', 'wav'],
    ['audio/mpeg', 'mp3'],
    ['audio/mp3', 'mp3'],
    ['Audio/MPEG', 'mp3'],
    ['audio/wav', 'wav'],
    ['audio/x-wav', 'wav'],
    ['audio/wave', 'wav'],
    ['audio/vnd.wave', 'wav'],
    ['audio/mpeg, audio/wav', 'wav'],
    ['audio/mpeg, */*;q=0.1', 'mp3'],
    ['audio/mpeg;q=0.5, audio/wav;q=0.4', 'mp3'],
    ['audio/mpeg;q=0.5, audio/*;q=0.8', 'wav'],
    ['audio/*;q=0.8, audio/wav;q=0.5', 'mp3'],
    ['*/*, audio/wav;q=0', 'mp3'],
    ['audio/*, audio/wav;q=0', 'mp3'],
    ['audio/*;q=0, */*', null],
    ['audio/wav;q=0', null],
    ['audio/wav;q=0, audio/mpeg;q=0.0', null],
    ['*/*;q=0', null],
    ['audio/mpeg;q=0.001', 'mp3'],
    ['audio/mpeg ; Q=0.5 , audio/x-wav;q=0.3', 'mp3'],
    ['audio/wav;q=0, audio/x-wav', null],
    ['audio/mpeg;codecs="mp3"', 'mp3'],
    ['audio/wav;codecs=1;q=0, audio/*', 'wav'],
    ['audio/wav;codecs=1;q=0.9, audio/wav;q=0.2, audio/mpeg;q=0.5', 'mp3'],
    // The header of browsers for <audio>: Firefox, Chromium and Safari.
    ['audio/webm,audio/ogg,audio/wav,audio/*;q=0.9,application/ogg;q=0.7,video/*;q=0.6,*/*;q=0.5', 'wav'],
    ['application/json', null],
    ['audio/ogg', null],
    ['text/*, video/mpeg', null],
    ['nonsense', null],
    ['application/json, */*;q=0.1', 'wav'],
  ])('%j gives %s', (accept, format) => {
    expect(negotiateFormat(accept)).toBe(format);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (accept) => {
        expect(['wav', 'mp3', null]).toContain(negotiateFormat(accept));
      }),
    );
  });

  it('accepts thousands of ranges', () => {
    expect(negotiateFormat(`${'audio/mpeg;q=0.1,'.repeat(10_000)}audio/wav;q=0`)).toBe('mp3');
  });
});
