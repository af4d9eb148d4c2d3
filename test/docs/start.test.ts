/** `npm start`: variables reach the gateway, the emulator is introduced, and a rejected upload keeps its response. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { wavOf } from '../support/wav-files.ts';

const root = new URL('../..', import.meta.url).pathname;
const headers = { Authorization: `Basic ${btoa('foofoofoo:foobarfoo')}` };
const origin = 'https://app.example.com';
let started: ChildProcess;
let printed = '';
let url: string;

beforeAll(async () => {
  started = spawn(process.execPath, ['test/scripts/start.ts'], {
    cwd: root,
    env: {
      ...process.env,
      PORT: '0',
      PATH: `${root}node_modules/.bin:${process.env.PATH}`,
      CORS_ORIGINS: origin,
      CORS_ORIGIN: 'canary',
      LEGACY_TIME_ZONE: 'Asia/Kolkata',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [started.stdout, started.stderr]) {
    stream?.on('data', (chunk) => {
      printed += chunk;
    });
  }
  await vi.waitUntil(() => printed.includes('_emulator/fault'), { timeout: 80_000 });
  url = /http:\/\/\S+/.exec(printed)?.[0] ?? '';
}, 90_000);

afterAll(async () => {
  const ended = once(started, 'exit');
  if (started.exitCode === null && started.kill('SIGTERM')) await ended;
});

test('a variable of the environment reaches the gateway', async () => {
  const response = await fetch(`${url}/health`, { headers: { Origin: origin } });
  expect(response.headers.get('Access-Control-Allow-Origin')).toBe(origin);
  expect(await response.json()).toMatchObject({ commit: expect.stringMatching(/^[\da-f]{40}$/) });
});

test('a misspelled variable is reported with the correct one, and without its value', () => {
  expect(printed).toContain('CORS_ORIGIN is not a variable of the gateway. Did you mean CORS_ORIGINS?');
  expect(printed).not.toContain('canary');
});

test('five lines introduce the emulator', () => {
  const [, lines = ''] = printed.split('The emulator (docs/emulator.md):\n');
  const [introduction = ''] = lines.split('\n\n');
  expect(introduction.trimEnd().split('\n')).toHaveLength(5);
  expect(introduction).toContain('foofoofoo:foobarfoo');
});

test('an upload has the current time, in the zone of the legacy service', async () => {
  const upload = await fetch(`${url}/uploads/audio?type=findme&id=77`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'audio/wav' },
    body: wavOf(),
  });
  expect([upload.status, await upload.text()]).toEqual([201, expect.any(String)]);
  const list = await fetch(`${url}/recordings?type=findme&id=77`, { headers });
  const [{ recorded_at: recordedAt }] = (await list.json()).recordings;
  expect(recordedAt).toMatch(/\+05:30$/);
  expect(Math.abs(Date.parse(recordedAt) - Date.now())).toBeLessThan(60_000);
});

test('a large upload that is rejected midway gets its problem each time', async () => {
  const wav = new Uint8Array(5_000_044);
  wav.set(wavOf());
  for (let count = 0; count < 20; count++) {
    const response = await fetch(`${url}/uploads/audio?type=findme&id=77`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'audio/mpeg' },
      body: wav,
    });
    expect([response.status, (await response.json()).type]).toEqual([400, '/problems/invalid-audio']);
  }
});
