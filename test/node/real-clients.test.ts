/** Real programs upload and download; programs that are not installed are skipped by name. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createEmulator } from '../emulator/emulator.ts';
import { sids } from '../emulator/seeds.ts';
import { type EmulatorServer, serveEmulator } from '../emulator/server.ts';
import { findFreePort } from '../support/free-port.ts';
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts';
import { playedWavs, wavOf } from '../support/wav-files.ts';

/** `PYTHON` names another interpreter, such as one of a virtual environment. */
const interpreter = process.env.PYTHON ?? 'python3';
const runs = (command: string, ...parameters: string[]) => spawnSync(command, parameters).status === 0;
const has = {
  curl: runs('curl', '--version'),
  wget: runs('wget', '--version'),
  aria2c: runs('aria2c', '--version'),
  ffmpeg: runs('ffmpeg', '-version'),
  sox: runs('sox', '--version'),
  requests: runs(interpreter, '-c', 'import requests'),
  httpx: runs(interpreter, '-c', 'import httpx'),
};
for (const [name, isThere] of Object.entries(has)) {
  if (!isThere) console.warn(`${name} is not installed: its tests are skipped.`);
}

const emulator = createEmulator();
let legacy: EmulatorServer;
let gateway: GatewayProcess;
let folder: string;
let link: string;
let recording: Buffer;
const user = 'foofoofoo:foobarfoo';
const authorization = { Authorization: `Basic ${btoa(user)}` };
const sound = Buffer.from(wavOf());

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clients-'));
  legacy = await serveEmulator(emulator);
  const port = await findFreePort();
  gateway = await startProcess({
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    LEGACY_API_URL: legacy.url,
    TOKEN_KEYS: btoa('a key for tests, 32 bytes long..'),
    STORE: `file:${join(folder, 'store')}`,
  });
  const audio = `${gateway.url}/recordings/${sids.playable}/audio`;
  recording = Buffer.from(await (await fetch(audio, { headers: authorization })).arrayBuffer());
  const created = await fetch(`${audio}-links`, { method: 'POST', headers: authorization });
  link = (await created.json()).url;
  await writeFile(join(folder, '通話 “1”.wav'), sound);
  await writeFile(join(folder, 'call.wav'), sound);
}, 60_000);

afterAll(async () => {
  await gateway?.stop('SIGKILL');
  await legacy?.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => emulator.reset());

async function run(command: string, parameters: readonly string[], input?: Uint8Array) {
  const child = spawn(command, parameters, { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => errors.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, output: Buffer.concat(output), errors: Buffer.concat(errors).toString() };
}

const target = () => `${gateway.url}/uploads/audio?type=findme&id=1234`;
const curl = (...parameters: string[]) => run('curl', ['-sS', '--fail-with-body', '-u', user, ...parameters]);
const python = (code: string) => run(interpreter, ['-c', code]);

function expectUploaded(bytes: Uint8Array) {
  const [upload] = emulator.account('page').uploads;
  expect(upload?.content?.length).toBe(bytes.length);
  expect(Buffer.compare(Buffer.from(upload?.content?.bytes ?? []), Buffer.from(bytes))).toBe(0);
}

const isSame = (file: Uint8Array, other: Uint8Array) => Buffer.compare(file, other) === 0;

describe.skipIf(!has.curl)('curl', () => {
  test.each([
    ['a form', ['-F', 'file=@通話 “1”.wav']],
    ['a form with a type', ['-F', 'file=@call.wav;type=audio/wav', '-F', 'note=hello']],
    ['a form with quotes in the name', ['-F', 'file=@call.wav;filename="a\\"b.wav"']],
    ['a body', ['-H', 'Content-Type: audio/wav', '--data-binary', '@call.wav']],
    ['a body without a type', ['-H', 'Content-Type:', '--data-binary', '@call.wav']],
    [
      'octet-stream in chunks',
      [
        '-H',
        'Content-Type: application/octet-stream',
        '-H',
        'Transfer-Encoding: chunked',
        '--data-binary',
        '@call.wav',
      ],
    ],
    [
      'a file that waits for 100 Continue',
      ['-H', 'Expect: 100-continue', '-H', 'Content-Type: audio/wav', '--data-binary', '@call.wav'],
    ],
    ['a body over HTTP/1.0', ['-0', '-H', 'Content-Type: audio/wav', '--data-binary', '@call.wav']],
  ])('uploads %s', async (_how, parameters) => {
    const { code, output } = await curl(...parameters, target());
    expect({ code, output: output.toString() }).toMatchObject({ code: 0 });
    expectUploaded(sound);
  });

  test('sends data from a pipe', async () => {
    const { code } = await run('curl', ['-sS', '-f', '-u', user, '-X', 'POST', '-T', '-', target()], sound);
    expect(code).toBe(0);
    expectUploaded(sound);
  });

  test('resumes a download, also over HTTP/1.0', async () => {
    for (const version of ['--http1.1', '-0']) {
      const name = `resumed${version}.wav`;
      await writeFile(join(folder, name), recording.subarray(0, 5000));
      const { code } = await run('curl', ['-sS', '-f', version, '-C', '-', '-o', name, link]);
      expect(code).toBe(0);
      expect(isSame(await readFile(join(folder, name)), recording)).toBe(true);
    }
  });
});

describe.skipIf(!has.curl)('curl, if the legacy service ends a WAV too early', () => {
  test.each([
    ['-0', 56],
    ['--http1.1', 18],
  ])('fails with %s', async (version, failure) => {
    const cut = createServer((_request, response) => {
      response.write(sound.subarray(0, 9000));
      response.end(sound.subarray(9000, 20_000));
    }).listen(0, '127.0.0.1');
    await once(cut, 'listening');
    const { port } = cut.address() as AddressInfo;
    const other = await startProcess({ LEGACY_API_URL: `http://127.0.0.1:${port}/ibp_api.php` });
    const { code } = await curl(version, '-o', 'cut.wav', `${other.url}/recordings/1/audio`);
    await other.stop('SIGKILL');
    cut.close();
    expect(code).toBe(failure);
  });
});

test.skipIf(!has.wget)('wget -c resumes a download', async () => {
  await writeFile(join(folder, 'wget.wav'), recording);
  await truncate(join(folder, 'wget.wav'), 7001);
  const { code, errors } = await run('wget', ['-c', '-O', 'wget.wav', link]);
  expect({ code, errors }).toMatchObject({ code: 0 });
  expect(errors).toContain('206');
  expect(isSame(await readFile(join(folder, 'wget.wav')), recording)).toBe(true);
});

test.skipIf(!has.aria2c)('aria2c fetches several parts at once', async () => {
  const options = ['-x4', '-s4', '--min-split-size=1M', '--file-allocation=none', '-q'];
  const { code } = await run('aria2c', [...options, '-o', 'aria.wav', link]);
  expect(code).toBe(0);
  expect(isSame(await readFile(join(folder, 'aria.wav')), recording)).toBe(true);
});

describe.skipIf(!has.ffmpeg)('ffmpeg', () => {
  test('plays a link from the start and from its middle', async () => {
    const decode = async (...seek: string[]) =>
      (await run('ffmpeg', ['-v', 'error', ...seek, '-i', link, '-f', 's16le', '-'])).output;
    const whole = await decode();
    expect(isSame(whole, recording.subarray(44))).toBe(true);
    const half = await decode('-ss', String(whole.length / 2 / 8000 / 2));
    expect(half.length).toBeGreaterThan(whole.length / 2 - 4000);
    expect(half.length).toBeLessThan(whole.length / 2 + 4000);
  });

  test.skipIf(!has.curl).each(['wav', 'mp3', 'w64'])('pipes %s into an upload', async (format) => {
    const made = await run('ffmpeg', ['-v', 'error', '-i', 'call.wav', '-f', format, '-'], sound);
    const upload = [
      '-sS',
      '-u',
      user,
      '-X',
      'POST',
      '-T',
      '-',
      '-w',
      '%{http_code}',
      '-o',
      '/dev/null',
      target(),
    ];
    const { output } = await run('curl', upload, made.output);
    expect(output.toString()).toBe(format === 'w64' ? '400' : '201');
    if (format !== 'w64') expectUploaded(made.output);
  });

  test.each(playedWavs)(
    'plays a WAV with $name, as the gateway expects of a player',
    async ({ name, bytes }) => {
      const { output } = await run('ffmpeg', ['-v', 'quiet', '-i', '-', '-f', 's16le', '-'], bytes);
      if (!name.includes('never filled in')) expect(output.length).toBeGreaterThan(25_000);
    },
  );
});

test.skipIf(!has.sox || !has.curl)('sox pipes a WAV into an upload', async () => {
  const made = await run('sox', ['call.wav', '-b', '24', '-t', 'wav', '-']);
  const { code } = await run(
    'curl',
    ['-sS', '-f', '-u', user, '-X', 'POST', '-T', '-', target()],
    made.output,
  );
  expect(code).toBe(0);
  expectUploaded(made.output);
});

describe.skipIf(!has.requests)('requests', () => {
  test.each([
    ['a form with a name', "files={'file': open('通話 “1”.wav', 'rb')}"],
    ['a form with a name and a type', "files={'file': ('a.wav', open('call.wav', 'rb'), 'audio/x-wav')}"],
    ['a form without a name', "files={'file': (None, open('call.wav', 'rb'))}"],
    ['a form with fields', "files={'file': open('call.wav', 'rb')}, data={'note': 'é' * 9000}"],
    ['a body without a type', "data=open('call.wav', 'rb')"],
    ['chunks', "data=iter([open('call.wav', 'rb').read(9000), open('call.wav', 'rb').read()[9000:]])"],
  ])('uploads %s', async (_how, parameter) => {
    const { code, output, errors } = await python(
      `import requests\nr = requests.post('${target()}', auth=('foofoofoo', 'foobarfoo'), ${parameter})\nprint(r.status_code, r.text)`,
    );
    expect({ code, errors, output: output.toString() }).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^201/),
    });
    expectUploaded(sound);
  });

  test('downloads', async () => {
    const { output } = await python(
      `import requests, sys\nsys.stdout.buffer.write(requests.get('${link}').content)`,
    );
    expect(isSame(output, recording)).toBe(true);
  });
});

describe.skipIf(!has.httpx)('httpx', () => {
  test.each([
    ['a form', "files={'file': open('通話 “1”.wav', 'rb')}"],
    ['a form with a type', "files={'file': ('a.wav', open('call.wav', 'rb'), 'audio/wav')}"],
    ['bytes without a type', "content=open('call.wav', 'rb').read()"],
    ['chunks', "content=iter([open('call.wav', 'rb').read(9000), open('call.wav', 'rb').read()[9000:]])"],
  ])('uploads %s', async (_how, parameter) => {
    const { code, output, errors } = await python(
      `import httpx\nr = httpx.post('${target()}', auth=('foofoofoo', 'foobarfoo'), ${parameter})\nprint(r.status_code, r.text)`,
    );
    expect({ code, errors, output: output.toString() }).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^201/),
    });
    expectUploaded(sound);
  });

  test('downloads in a stream', async () => {
    const { output } = await python(
      `import httpx, sys\nwith httpx.stream('GET', '${link}') as r:\n  for part in r.iter_raw(): sys.stdout.buffer.write(part)`,
    );
    expect(isSame(output, recording)).toBe(true);
  });
});
