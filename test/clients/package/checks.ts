/**
 * Checks of the promises of the package, which run wherever it does: only web standards, and the package as its one import.
 * Failures of the network are made by a `fetch` in between; all else is a real gateway.
 */
import {
  AudioNotReady,
  ConnectionFailed,
  createRecordingsClient,
  RecordingsProblem,
  type RetryOptions,
  toTokenSource,
} from '../../../clients/typescript/src/index.ts';

export interface Setting {
  readonly baseUrl: string;
  /** A WAV in base64, for uploads. */
  readonly wav: string;
}

/** By check; null if it holds, else why not. */
export type Report = Record<string, string | null>;

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const keys = { accessKey: 'foofoofoo', secretAccessKey: 'foobarfoo' };
const playable = '0907065723240097';
const list = { type: 'findme', id: 1234 } as const;

export async function runChecks({ baseUrl, wav }: Setting): Promise<Report> {
  const report: Report = {};
  const audio = new Blob([Uint8Array.from(atob(wav), (letter) => letter.charCodeAt(0))], {
    type: 'audio/wav',
  });
  const client = createRecordingsClient({ baseUrl, credentials: keys });
  const clientBy = (fetch: Fetch, retry?: RetryOptions) =>
    createRecordingsClient({ baseUrl, credentials: keys, fetch, ...(retry && { retry }) });

  const check = async (name: string, act: () => Promise<void>) => {
    try {
      await act();
      report[name] = null;
    } catch (error) {
      report[name] =
        error instanceof Error ? `${error.name}: ${error.message} ${error.cause ?? ''}` : String(error);
    }
  };

  await check('walks all pages', async () => {
    const sids: string[] = [];
    for await (const { sid } of client.recordings({ ...list, limit: 1 })) sids.push(sid);
    equal(sids, ['0932654521723728', '123456789101112']);
  });

  await check('stops a walk with its loop', async () => {
    let calls = 0;
    const counted = clientBy((url, init) => {
      calls++;
      return fetch(url, init);
    });
    for await (const _ of counted.recordings({ ...list, limit: 1 })) break;
    equal(calls, 1);
  });

  await check('gets audio, and a part of it', async () => {
    const whole = await client.getAudio(playable, { format: 'wav' });
    if (whole.state !== 'ready') throw new Error('is being processed');
    equal(whole.response.headers.get('Content-Type'), 'audio/wav');
    const bytes = new Uint8Array(await whole.response.arrayBuffer());
    equal(String.fromCharCode(...bytes.slice(0, 4)), 'RIFF');
    const part = await client.getAudio(playable, { format: 'wav', range: 'bytes=4-11' });
    if (part.state !== 'ready') throw new Error('is being processed');
    equal(part.response.status, 206);
    equal([...new Uint8Array(await part.response.arrayBuffer())], [...bytes.slice(4, 12)]);
  });

  await check('waits for audio', async () => {
    const { response } = await client.waitForAudio('0907065723240202');
    equal(response.status, 200);
    equal((await response.arrayBuffer()).byteLength > 1000, true);
  });

  await check('says that audio is not ready', async () => {
    let seen = 0;
    const options = { timeoutMs: 900, onProcessing: () => seen++ };
    const error = await failure(client.waitForAudio('0907065723240203', options));
    equal([error instanceof AudioNotReady, seen], [true, 1]);
  });

  await check('says at once that audio is processed', async () => {
    const waits: unknown[] = [];
    const observed = createRecordingsClient({
      ...{ baseUrl, credentials: keys },
      onAttempt({ headers }) {
        waits.push(headers.Prefer ?? null);
        return () => {};
      },
    });
    let seen = 0;
    const options = { timeoutMs: 2500, onProcessing: () => seen++ };
    await failure(observed.waitForAudio('0907065723240203', options));
    equal([waits[0], /^wait=[12]$/.test(String(waits[1])), seen], [null, true, 2]);
  });

  await check('gives up a wait', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 200);
    const started = Date.now();
    const error = await failure(client.waitForAudio('0907065723240203', { signal: controller.signal }));
    equal([error instanceof AudioNotReady, Date.now() - started < 5000], [false, true]);
  });

  await check('has problems as types', async () => {
    const error = await problem(client.getAudio('0000000000000000'));
    equal([error.status, error.slug, error.attempt], [404, 'recording-not-found', 1]);
    equal(Boolean(error.requestId), true);
    const invalid = await problem(client.listRecordings({ ...list, limit: 0 }));
    equal([invalid.slug, invalid.errors.length], ['invalid-request', 1]);
  });

  await check('has no key in a problem of wrong keys', async () => {
    const wrong = createRecordingsClient({ baseUrl, credentials: { ...keys, secretAccessKey: 'canary' } });
    const error = await problem(wrong.listRecordings(list));
    equal([error.slug, JSON.stringify(error).includes('canary')], ['credentials-rejected', false]);
  });

  await check('retries after Retry-After', async () => {
    const started = Date.now();
    const { calls, flaky } = failing([() => refusal(503, 'legacy-unavailable', '1')]);
    equal((await clientBy(flaky).listRecordings(list)).recordings.length, 2);
    equal([calls.length, Date.now() - started >= 990], [2, true]);
  });

  await check('retries a lost connection', async () => {
    const { calls, flaky } = failing([lost, lost]);
    equal((await clientBy(flaky).listRecordings(list)).recordings.length, 2);
    equal(calls.length, 3);
  });

  await check('gives up after its attempts', async () => {
    const { calls, flaky } = failing(Array(9).fill(lost));
    const error = await failure(clientBy(flaky, { attempts: 3 }).listRecordings(list));
    equal([error instanceof ConnectionFailed, calls.length], [true, 3]);
  });

  await check('does not wait for a long Retry-After', async () => {
    const { calls, flaky } = failing([() => refusal(429, 'too-many-requests', '3600')]);
    const error = await problem(clientBy(flaky).listRecordings(list));
    equal([error.status, error.retryAfterMs, calls.length], [429, 3_600_000, 1]);
  });

  await check('does not repeat what stays wrong', async () => {
    const { calls, flaky } = failing(Array(9).fill(() => refusal(502, 'legacy-failed', null)));
    equal((await problem(clientBy(flaky).getAudio(playable))).slug, 'legacy-failed');
    equal(calls.length, 1);
  });

  await check('does not repeat an upload without a key', async () => {
    const { calls, flaky } = failing([() => refusal(503, 'legacy-unavailable', '1')]);
    const upload = { ...list, path: '/path/to/audio.wav' };
    await problem(clientBy(flaky).createUpload(upload, { idempotencyKey: false }));
    equal([calls.length, calls[0]?.['Idempotency-Key']], [1, undefined]);
  });

  await check('repeats an upload with the same key', async () => {
    // The first response is lost after the gateway has uploaded; the second attempt gets it again.
    const { calls, flaky } = failing([lostAfter]);
    const { content_length } = await clientBy(flaky).uploadAudio(list, audio);
    const used = calls.map((headers) => headers['Idempotency-Key']);
    equal([content_length, used.length, used[0] === used[1]], [audio.size, 2, true]);
    equal(/^".{16,}"$/.test(used[0] ?? ''), true);
  });

  await check('uploads without a key if the gateway keeps none', async () => {
    const { calls, flaky } = failing([() => refusal(501, 'idempotency-not-configured', null)]);
    await clientBy(flaky).createUpload({ ...list, path: '/path/to/audio.wav' });
    equal(
      calls.map((headers) => 'Idempotency-Key' in headers),
      [true, false],
    );
  });

  await check('reports progress', async () => {
    const shares: number[] = [];
    const upload = await client.uploadAudio(list, audio, { onProgress: (share) => shares.push(share) });
    equal([upload.content_length, shares.at(-1)], [audio.size, 1]);
    equal(
      shares.every((share, index) => share >= (shares[index - 1] ?? 0)),
      true,
    );
  });

  await check('shows each attempt, also of an upload with progress', async () => {
    const seen: string[] = [];
    const observed = createRecordingsClient({
      ...{ baseUrl, credentials: keys },
      onAttempt({ method, url, headers }) {
        const request = `${method} ${url.slice(baseUrl.length)} ${headers.Authorization?.split(' ')[0]}`;
        return (outcome) =>
          seen.push(`${request} ${'response' in outcome ? outcome.response.status : 'failed'}`);
      },
    });
    await observed.uploadAudio(list, audio, { onProgress: () => {} });
    await failure(observed.getAudio('0000000000000000'));
    equal(seen, [
      'POST /uploads/audio?type=findme&id=1234 Basic 201',
      'GET /recordings/0000000000000000/audio Basic 404',
    ]);
  });

  await check('keeps percent signs in keys that it exchanges for a token', async () => {
    const { calls, flaky } = failing([() => refusal(401, 'credentials-rejected', null)]);
    const odd = { accessKey: 'a%41', secretAccessKey: 'b:%zz' };
    await problem(createRecordingsClient({ baseUrl, credentials: odd, fetch: flaky }).issueToken());
    equal(calls[0]?.Authorization, `Basic ${btoa('a%2541:b%3A%25zz')}`);
  });

  await check('gets tokens, and renews them', async () => {
    const source = toTokenSource(client, { scope: 'recordings:read' });
    const issued = [{ token: 'eyJhbGciOiJkaXIifQ..aa.aa.aa' }, await source()];
    let asked = 0;
    const getToken = async () => issued[asked++] ?? { token: 'none' };
    const app = createRecordingsClient({ baseUrl, credentials: { getToken } });
    const [first, second] = [await app.listRecordings(list), await app.listRecordings(list)];
    equal([first.recordings.length > 0, second.recordings, asked], [true, first.recordings, 2]);
    equal((await problem(app.deleteRecording(playable))).slug, 'insufficient-scope');
  });

  await check('renews a token before it expires, once for all requests', async () => {
    const { access_token } = await client.issueToken({ expiresInSeconds: 60 });
    let asked = 0;
    const getToken = async () => {
      asked++;
      return { token: access_token, expiresAt: Date.now() + (asked === 1 ? 5000 : 60_000) };
    };
    const app = createRecordingsClient({ baseUrl, credentials: { getToken } });
    await Promise.all([app.listRecordings(list), app.listRecordings(list), app.listRecordings(list)]);
    equal(asked, 2);
  });

  await check('creates links that play', async () => {
    const { url } = await client.createAudioLink(playable, { format: 'wav', expiresInSeconds: 60 });
    const response = await fetch(url);
    equal([response.status, (await response.arrayBuffer()).byteLength > 1000], [200, true]);
  });

  await check('explains problems', async () => {
    equal((await client.explainProblem('recording-not-found')).status, 404);
  });

  await check('follows an export, though its connection breaks, and the gateway is down then', async () => {
    const { id } = await client.createExport({ sources: [{ type: 'findme', id: 1234 }] });
    let connections = 0;
    const broken = clientBy(
      async (url, init) => {
        if (url.endsWith(id) && connections === 1) return refusal(503, 'legacy-unavailable', null);
        const response = await fetch(url, init);
        if (!url.endsWith('/events') || ++connections > 1) return response;
        // The first event, and then the end of the connection.
        const reader = response.body?.getReader();
        const chunk = await reader?.read();
        await reader?.cancel();
        return new Response(chunk?.value as BodyInit);
      },
      { attempts: 1 },
    );
    const statuses: string[] = [];
    for await (const { status } of broken.followExport(id)) statuses.push(status);
    equal([statuses.at(-1), connections > 1], ['completed', true]);
    equal((await client.getExport(id)).progress.failed, 0);
  });

  await check('follows an export whose earlier end is replayed, to the end of its deletion', async () => {
    const event = (type: string, state: object) =>
      `id: 7\nevent: ${type}\ndata: ${JSON.stringify(state)}\n\n`;
    const states = [
      { status: 'running', deletion: null },
      { status: 'completed', deletion: { status: 'running' } },
      { status: 'completed', deletion: { status: 'completed' } },
    ];
    const replayed = event('status', { status: 'completed_with_failures', deletion: null });
    const streams = [replayed, event('progress', { status: 'completed', deletion: { status: 'running' } })];
    const stub = clientBy(async (url) =>
      url.endsWith('/events') ? new Response(streams.shift() ?? '') : Response.json(states.shift()),
    );
    const seen: string[] = [];
    for await (const { status, deletion } of stub.followExport('f1d2'))
      seen.push(`${status} ${deletion?.status ?? ''}`);
    equal(seen, ['running ', 'completed running', 'completed running', 'completed completed']);
    equal(states.length + streams.length, 0);
  });

  await check('stops to follow an export that is gone', async () => {
    const { calls, flaky } = failing(Array(9).fill(() => refusal(404, 'export-not-found', null)));
    equal((await problem(clientBy(flaky).followExport('f1d2').next())).slug, 'export-not-found');
    equal(calls.length, 1);
  });

  await check('lists exports, controls them, and gets their manifests', async () => {
    const { id } = await client.createExport({ sources: [{ type: 'findme', id: 1234 }] });
    equal((await client.listExports({ limit: 1 })).exports[0]?.id, id);
    for await (const _ of client.followExport(id));
    const manifest = await client.getExportManifest(id, { format: 'csv' });
    equal((await manifest.text()).trim().split('\n').length > 1, true);
    equal((await problem(client.controlExport(id, 'pause'))).status, 409);
  });

  await check('deletes, though the first response is lost', async () => {
    const { calls, flaky } = failing([lostAfter]);
    equal(await clientBy(flaky).deleteRecording(playable), 'deleted');
    equal(calls.length, 2);
    equal((await problem(client.deleteRecording(playable))).slug, 'recording-not-found');
  });

  return report;
}

type Fault = (url: string, init: RequestInit) => Promise<Response>;

/** A `fetch` whose first calls go wrong, and the headers of each call. */
function failing(faults: readonly Fault[]) {
  const calls: Record<string, string>[] = [];
  const flaky: Fetch = (url, init) => {
    calls.push(init.headers as Record<string, string>);
    return (faults[calls.length - 1] ?? fetch)(url, init);
  };
  return { calls, flaky };
}

const lost: Fault = async () => {
  throw new TypeError('The connection was reset.');
};

const lostAfter: Fault = async (url, init) => {
  await (await fetch(url, init)).arrayBuffer();
  throw new TypeError('The connection was reset.');
};

async function refusal(status: number, slug: string, retryAfter: string | null): Promise<Response> {
  const headers = retryAfter === null ? {} : { 'Retry-After': retryAfter };
  return new Response(JSON.stringify({ type: `/problems/${slug}`, title: slug, status }), {
    status,
    headers,
  });
}

async function failure(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('was expected to fail');
}

async function problem(call: Promise<unknown>): Promise<RecordingsProblem> {
  const error = await failure(call);
  if (error instanceof RecordingsProblem) return error;
  throw error;
}

function equal(actual: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${one} is not ${other}`);
}
