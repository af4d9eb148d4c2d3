/** Bodies in chunks, from a socket: JSON and forms are joined, and audio that breaks off is not stored. */
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createAudio } from '../emulator/audio.ts';
import { basic } from '../support/harness.ts';
import { startUploadGateway, stored } from '../support/upload-gateway.ts';

const wav = createAudio('wav', { seed: 'chunks', rate: 8000, seconds: 20 }).slice();

async function start() {
  const gateway = await startUploadGateway();
  const open = (path: string, type: string) =>
    request(gateway.origin + path, {
      method: 'POST',
      headers: { ...basic(gateway.emulator), 'Content-Type': type, 'Transfer-Encoding': 'chunked' },
    });
  async function send(path: string, type: string, chunks: readonly (string | Uint8Array)[]) {
    const call = open(path, type);
    for (const chunk of chunks) call.write(chunk);
    call.end();
    const [response] = await once(call, 'response');
    return { status: response.statusCode, body: await text(response) };
  }
  return { gateway, open, send };
}

test('JSON and forms are joined', async () => {
  const { send } = await start();
  const json = ['{"type":"findme",', '"id":1234,', '"path":"/files/call.wav"}'];
  expect(await send('/uploads', 'application/json', json)).toMatchObject({ status: 201 });
  expect(await send('/uploads', 'application/json', ['{"type":'])).toMatchObject({ status: 400 });
  const form = ['access_key=k&', 'secret_access_key=s'];
  expect((await send('/token', 'application/x-www-form-urlencoded', form)).status).toBeGreaterThanOrEqual(
    400,
  );
});

test('audio whose sender disconnects is not stored', async () => {
  const { gateway, open } = await start();
  const call = open('/uploads/audio?type=findme&id=1234', 'audio/wav');
  call.on('error', () => {});
  call.write(wav.subarray(0, 100_000));
  await expect.poll(() => call.socket?.bytesWritten ?? 0).toBeGreaterThan(100_000);
  call.destroy();
  await expect.poll(() => gateway.log.filter(({ event }) => event === 'request')).toHaveLength(1);
  expect(await stored()).toEqual([]);
});
