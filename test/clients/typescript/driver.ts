/** Runs a TypeScript client through the scenarios, with the same requests and expectations for each generator. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A client with one caller's credentials. Throws Refused. */
export interface Adapter {
  list(query: { limit: number; cursor?: string }): Promise<{
    recordings: { sid: string }[];
    next_cursor: string | null;
  }>;
  audio(sid: string, format: 'wav' | 'mp3'): Promise<Blob | 'processing'>;
  link(sid: string): Promise<string>;
  remove(sid: string): Promise<void>;
  upload(path: string): Promise<string>;
  /** MP3. Resolves with the number of bytes that arrived. */
  uploadBytes(bytes: Blob): Promise<number>;
  token(scope: string): Promise<string>;
}

/** A problem in its generated type. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly problem: { type: string; status: number; request_id: string };
  constructor(problem: { type: string; status: number; request_id: string }) {
    super(`${problem.status} ${problem.type}`);
    this.problem = problem;
  }
}

const env = (name: string) => process.env[name] ?? '';
export const baseUrl = env('GATEWAY_URL');
const playable = '0907065723240097';

/** `connect` gets the value of `Authorization`, or nothing. */
export async function runScenarios(connect: (authorization?: string) => Adapter): Promise<void> {
  const toHeader = (text: string) => (text.startsWith('Bearer ') ? text : `Basic ${btoa(text)}`);
  const client = connect(toHeader('foofoofoo:foobarfoo'));

  await scenario('walks a list by its pages', async () => {
    const first = await client.list({ limit: 1 });
    const second = await client.list({ limit: 1, cursor: first.next_cursor ?? '' });
    const sids = [...first.recordings, ...second.recordings].map(({ sid }) => sid);
    equal(sids.join(), '0932654521723728,123456789101112');
    equal(second.next_cursor, null);
  });
  for (const format of ['wav', 'mp3'] as const) {
    await scenario(`gets ${format.toUpperCase()}, byte for byte`, async () => {
      equal(await digest(await client.audio(playable, format)), env(`${format.toUpperCase()}_SHA256`));
    });
  }
  await scenario('tells processing from audio', async () => {
    equal(await client.audio('0907065723240203', 'wav'), 'processing');
  });
  await scenario('makes a link that plays without credentials', async () => {
    const response = await fetch(await client.link(playable));
    equal(await digest(await response.blob()), env('WAV_SHA256'));
  });
  await scenario('uploads from a path', async () => {
    equal(await client.upload('/path/to/audio.wav'), 'findme');
  });
  await scenario('uploads bytes', async () => {
    const bytes = readFileSync(env('MP3_FILE'));
    equal(await client.uploadBytes(new Blob([bytes], { type: 'audio/mpeg' })), bytes.length);
  });
  await scenario('gets a token and acts with it', async () => {
    const token = await client.token('recordings:read');
    const { recordings } = await connect(`Bearer ${token}`).list({ limit: 1 });
    equal(recordings.length, 1);
  });
  for (const line of readFileSync(env('REFUSALS'), 'utf8').trimEnd().split('\n')) {
    const [name = '', slug, status, call = '', argument = '', credentials = '', fault] = line.split('\t');
    await scenario(name, async () => {
      if (fault) await fetch(`${env('EMULATOR_URL')}/_emulator/fault`, { method: 'PUT', body: fault });
      const refused = await perform(connect(credentials ? toHeader(credentials) : undefined), call, argument);
      equal(`${refused.status} ${refused.type}`, `${status} /problems/${slug}`);
      equal(refused.request_id.length > 0, true);
    });
    await fetch(`${env('EMULATOR_URL')}/_emulator/fault`, { method: 'DELETE' });
  }
  await scenario('deletes', async () => {
    await client.remove(playable);
    const refused = await perform(client, 'audio', playable);
    equal(refused.type, '/problems/recording-not-found');
  });
}

async function perform(client: Adapter, call: string, argument: string): Promise<Refused['problem']> {
  const calls: Record<string, () => Promise<unknown>> = {
    list: () => client.list({ limit: Number(argument) }),
    audio: () => client.audio(argument, 'wav'),
    delete: () => client.remove(argument),
    'upload-bytes': () => client.uploadBytes(new Blob([argument], { type: 'audio/mpeg' })),
  };
  try {
    await calls[call]?.();
  } catch (error) {
    if (error instanceof Refused) return error.problem;
    throw error;
  }
  throw new Error('was not refused');
}

async function scenario(name: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`not ok ${name}\t${String(error).split('\n')[0]}`);
  }
}

async function digest(audio: Blob | string): Promise<string> {
  if (typeof audio === 'string') throw new Error(`is no audio: ${audio}`);
  return createHash('sha256')
    .update(Buffer.from(await audio.arrayBuffer()))
    .digest('hex');
}

function equal<Value>(actual: Value, expected: Value): void {
  if (actual !== expected) throw new Error(`${actual} is not ${expected}`);
}
