/** A legacy script that crashes midway ends its response cleanly: the gateway interrupts its own, and stores nothing. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { createAudio } from '../emulator/audio.ts';
import { type GatewayName, threeGateways, useThreeGateways } from '../support/three-gateways.ts';
import { concat, text, wavOf, zeros } from '../support/wav-files.ts';

const wav = wavOf({ body: new Uint8Array(400_000).fill(7) });
const unfinished = wavOf({ body: new Uint8Array(400_000).fill(7), riff: 36, data: 0 });
const mp3 = createAudio('mp3', { seed: 'cut', rate: 8000, seconds: 60 }).slice();
const fatal = text(
  '<br />\n<b>Fatal error</b>:  Maximum execution time of 30 seconds exceeded in <b>/a.php</b>\n',
);

let sound: Uint8Array = wav;
/** In chunks, as PHP sends it. */
const { urlOf, store } = useThreeGateways((_request, response) => {
  response.write(sound.subarray(0, 8192));
  response.end(sound.subarray(8192));
});
beforeEach(() => store().clear());

const authorization = `Basic ${btoa('some-key:some-secret')}`;
const toPath = (format: string) => `/recordings/0907065723240097/audio?format=${format}`;
const storedAudio = () => [...store().objects.keys()].filter((key) => key.startsWith('audio/'));

async function fetchWhole(gateway: GatewayName, format: string): Promise<number | 'broken off'> {
  const url = `${urlOf(gateway)}${toPath(format)}`;
  const response = await fetch(url, { headers: { Authorization: authorization } });
  expect(response.status).toBe(200);
  return await response.arrayBuffer().then(
    ({ byteLength }) => byteLength,
    () => 'broken off' as const,
  );
}

const cases = [
  ['wav', 'a WAV that ends at its half', wav.slice(0, 200_000), 'broken off', 0],
  ['wav', 'a WAV that ends 600 bytes early', wav.slice(0, -600), 'broken off', 0],
  ['wav', 'a WAV that ends in an error text', concat(wav.slice(0, 200_000), fatal), 'broken off', 0],
  ['wav', 'an unfinished WAV that ends in an error text', concat(unfinished, fatal), 'broken off', 0],
  ['mp3', 'an MP3 that ends in an error text', concat(mp3, fatal), 'broken off', 0],
  ['mp3', 'an MP3 that ends in a frame', mp3.slice(0, -50), mp3.length - 50, 0],
  ['wav', 'a whole WAV in front of an error text', concat(wav, fatal), wav.length + fatal.length, 0],
  ['wav', 'a whole WAV', wav, wav.length, 1],
  ['wav', 'an unfinished WAV', unfinished.slice(0, 200_000), 200_000, 1],
  ['wav', 'a WAV and zeros', concat(wav, zeros(1000)), wav.length + 1000, 1],
  ['mp3', 'a whole MP3', mp3, mp3.length, 1],
] as const;

describe.each(threeGateways)('through %s', (gateway) => {
  test.each(cases)('%s: %s', async (format, _what, bytes, result, stored) => {
    sound = bytes;
    expect(await fetchWhole(gateway, format)).toBe(result);
    if (!gateway.endsWith('store')) return;
    if (stored === 1) return await expect.poll(storedAudio).toHaveLength(1);
    await expect.poll(() => store().openUploads()).toBe(0);
    await sleep(100);
    expect(storedAudio()).toEqual([]);
  });
});

describe('over HTTP/1.0, where only closing the connection ends a body', () => {
  /** How the connection ended, and how many bytes of the body arrived. */
  async function ask(bytes: Uint8Array): Promise<{ end: string; length: number }> {
    sound = bytes;
    const socket = connect(Number(new URL(urlOf('Node')).port), '127.0.0.1');
    socket.write(`GET ${toPath('wav')} HTTP/1.0\r\nAuthorization: ${authorization}\r\n\r\n`);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    const end = await new Promise<string>((resolve) => {
      socket.on('end', () => resolve('end'));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });
    const whole = Buffer.concat(chunks);
    expect(whole.toString('latin1', 0, 15)).toBe('HTTP/1.1 200 OK');
    expect(whole.toString('latin1').toLowerCase()).not.toContain('transfer-encoding');
    return { end, length: whole.length - whole.indexOf('\r\n\r\n') - 4 };
  }

  test('an interrupted response is a reset', async () => {
    expect((await ask(wav.slice(0, 200_000))).end).toBe('ECONNRESET');
  });

  test('a complete response ends', async () => {
    expect(await ask(wav)).toEqual({ end: 'end', length: wav.length });
  });
});
