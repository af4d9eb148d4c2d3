/** The stores on Node: uploads into S3, audio that is stored while it passes, and ranges of a stored file. */
import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFolderStore } from '../../src/node/folder-store.ts';
import { nativeReadable } from '../../src/node/streams.ts';
import { findS3Server, startS3Server } from '../support/s3-server.ts';
import { download } from './download.ts';
import { type InTurn, measureInTurn, median } from './in-turn.ts';
import { startProcess } from './processes.ts';
import type { Line, Row, Skipped } from './row.ts';
import { growthByUpload, upload } from './upload.ts';

const mega = 1_000_000;
const uploadBytes = 500 * mega;
const audioBytes = 300 * mega;
const rounds = 5;

export const storesRow: Row = {
  name: 'stores',
  async measure() {
    const legacy = await startProcess('audio-legacy.ts', { env: { AUDIO_BYTES: String(audioBytes) } });
    const sink = await startProcess('peers/s3-sink.ts');
    const directory = await mkdtemp(join(tmpdir(), 'stores-'));
    const vars = {
      LEGACY_API_URL: `${legacy.url}/ibp_api.php`,
      LEGACY_METHOD: 'GET',
      MAX_UPLOAD_BYTES: String(uploadBytes),
      PUBLIC_URL: 'https://gateway.example',
      TOKEN_KEYS: btoa('the-bytes-of-the-key-that-seals!'),
    };
    try {
      return [
        ...(await measureUploads(vars, sink.url)),
        ...(await measureKeeping(vars, { 'a folder': { STORE: `file:${directory}` }, S3: toS3(sink.url) })),
        ...(await measureRanges(vars, directory)),
      ];
    } finally {
      await legacy.close();
      await sink.close();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

type Vars = Readonly<Record<string, string>>;

function toS3(endpoint: string, keys = { accessKeyId: 'a', secretAccessKey: 'b' }): Record<string, string> {
  return {
    STORE: 's3://recordings',
    S3_ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
  };
}

const startGateway = (env: Vars) => startProcess('../../src/node/main.ts', { env });

async function measureUploads(vars: Vars, sinkUrl: string): Promise<(Line | Skipped)[]> {
  const lines: (Line | Skipped)[] = [];
  const peer = await startProcess('peers/upload-node.ts', { env: { S3_ENDPOINT: sinkUrl } });
  try {
    for (const isLengthKnown of [true, false]) {
      const what = `upload of 500 MB into S3, ${isLengthKnown ? 'of known length' : 'in chunks'}`;
      lines.push(
        ...(await measureUpload(what, { vars: { ...vars, ...toS3(sinkUrl) }, peer, isLengthKnown })),
      );
    }
  } finally {
    await peer.close();
  }
  return [...lines, await measureRealUpload(vars)];
}

interface Uploading {
  readonly vars: Vars;
  readonly peer: Awaited<ReturnType<typeof startGateway>>;
  readonly isLengthKnown: boolean;
}

async function measureUpload(what: string, { vars, peer, isLengthKnown }: Uploading): Promise<Line[]> {
  const options = { sizeBytes: uploadBytes, isLengthKnown };
  const gateway = await startGateway(vars);
  try {
    const growth = await growthByUpload(gateway, options);
    const cpu: number[] = [];
    const rate = (server: typeof gateway) => async () => {
      const { time, cpu: spent } = await upload(server, options);
      if (server === gateway) cpu.push(spent);
      return uploadBytes / mega / time;
    };
    const measured = await measureInTurn({ ours: rate(gateway), peer: rate(peer) }, rounds);
    return [
      { what, value: measured.median('ours'), unit: 'MB/s', goal: { atLeast: 200 } },
      compare(what, measured, 'http + Pool.request'),
      { what: `${what}: CPU`, value: median(cpu), unit: 'ms/MB', goal: { atMost: 1.5 } },
      { what: `${what}: growth`, value: growth, unit: 'MiB', goal: { atMost: 64 } },
    ];
  } finally {
    await gateway.close();
  }
}

function compare(what: string, measured: InTurn<'ours' | 'peer'>, name: string): Line {
  return {
    what,
    value: measured.median('ours'),
    unit: 'MB/s',
    peer: { name, value: measured.median('peer') },
    ratio: measured.ratio('ours', 'peer'),
  };
}

async function measureRealUpload(vars: Vars): Promise<Line | Skipped> {
  const what = 'upload of 500 MB into versitygw on the same disk';
  const program = findS3Server(['versitygw']);
  if (!program) return { what, skipped: 'versitygw is not installed' };
  const { config, close } = await startS3Server(program);
  const gateway = await startGateway({ ...vars, ...toS3(config.endpoint?.href ?? '', config.credentials) });
  try {
    const rates: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      rates.push(
        uploadBytes / mega / (await upload(gateway, { sizeBytes: uploadBytes, isLengthKnown: true })).time,
      );
    }
    return { what, value: median(rates), unit: 'MB/s' };
  } finally {
    await gateway.close();
    await close();
  }
}

/** Each download is the first of its recording. */
async function measureKeeping(vars: Vars, stores: Readonly<Record<string, Vars>>): Promise<Line[]> {
  const lines: Line[] = [];
  const plain = await startGateway(vars);
  let sid = 0;
  const rate = (server: typeof plain) => async () => {
    sid += 1;
    return audioBytes / mega / (await download(server, { sid: String(sid), expected: audioBytes })).time;
  };
  try {
    for (const [name, store] of Object.entries(stores)) {
      const gateway = await startGateway({ ...vars, ...store });
      try {
        const measured = await measureInTurn({ ours: rate(gateway), peer: rate(plain) }, rounds);
        const line = compare(
          `audio of 300 MB, Node, stored in ${name} while it passes`,
          measured,
          'without a store',
        );
        lines.push({ ...line, goal: { atLeast: 0.5 } });
      } finally {
        await gateway.close();
      }
    }
    return lines;
  } finally {
    await plain.close();
  }
}

/** Of a file that the folder holds; without HTTP, both are read in this process. */
async function measureRanges(vars: Vars, directory: string): Promise<Line[]> {
  // The disk still writes what was stored before.
  execFileSync('sync');
  const store = createFolderStore({ directory });
  const gateway = await startGateway({ ...vars, STORE: `file:${directory}` });
  const expected = 100 * mega;
  const first = 100 * mega;
  const last = first + expected - 1;
  const range = `bytes=${first}-${last}`;
  const [name = ''] = await readdir(join(directory, 'bodies'));
  const file = await startProcess('peers/file-node.ts', { env: { FILE: join(directory, 'bodies', name) } });
  const { keys } = await store.list('audio/');
  const [key = ''] = keys;
  const [, , sid = ''] = key.split('/');
  const rate = (server: typeof gateway) => async () =>
    expected / mega / (await download(server, { sid, range, expected })).time;
  try {
    const overHttp = await measureInTurn({ ours: rate(gateway), peer: rate(file) }, 9);
    const direct = await measureInTurn(
      {
        ours: () =>
          timeRead(
            async () =>
              nativeReadable(
                (await store.get(key, { range: { first, last } }))?.body as ReadableStream,
              ) as AsyncIterable<Uint8Array>,
          ),
        peer: () =>
          timeRead(async () =>
            createReadStream(join(directory, 'bodies', name), { start: first, end: last }),
          ),
      },
      9,
    );
    const what = '100 MB out of the middle of a stored file';
    return [
      { ...compare(`${what}, over HTTP`, overHttp, 'http + fs'), goal: { atLeast: 0.5 } },
      { ...compare(`${what}, without HTTP`, direct, 'fs'), goal: { atLeast: 0.5 } },
    ];
  } finally {
    store.close();
    await gateway.close();
    await file.close();
  }

  async function timeRead(open: () => Promise<AsyncIterable<Uint8Array>>): Promise<number> {
    const startedAt = performance.now();
    let length = 0;
    for await (const chunk of await open()) length += chunk.length;
    if (length !== expected) throw new Error(`${length} bytes instead of ${expected}`);
    return expected / mega / ((performance.now() - startedAt) / 1000);
  }
}
