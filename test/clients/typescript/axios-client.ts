/** The client of openapi-generator for TypeScript, on axios. */
import { isAxiosError } from 'axios';
import { AccessApi, AudioApi, Configuration, RecordingsApi, UploadsApi } from './axios';
import { type Adapter, baseUrl, Refused, runScenarios } from './driver.ts';

await runScenarios(connect);

function connect(authorization?: string): Adapter {
  const baseOptions = { headers: { Authorization: authorization } };
  const configuration = new Configuration({ basePath: baseUrl, baseOptions });
  const audios = new AudioApi(configuration);
  const recordings = new RecordingsApi(configuration);
  const uploads = new UploadsApi(configuration);
  const target = { type: 'findme', id: 1234 } as const;
  return {
    list: (query) => unwrap(recordings.listRecordings({ ...target, ...query })),
    async audio(sid, format) {
      // The generator reads bytes as text unless it is told otherwise.
      const options = { responseType: 'arraybuffer' } as const;
      const call = audios.getRecordingAudio({ sid, format }, options);
      const { status, data } = await call.catch(refuse);
      return status === 202 ? 'processing' : new Blob([data as unknown as ArrayBuffer]);
    },
    link: async (sid) => (await unwrap(audios.createAudioLink({ sid }))).url,
    async remove(sid) {
      await unwrap(recordings.deleteRecording({ sid }));
    },
    upload: async (path) => (await unwrap(uploads.createUpload({ uploadRequest: { ...target, path } }))).type,
    async uploadBytes(bytes) {
      const headers = { 'Content-Type': bytes.type };
      const body = new File([bytes], 'call');
      return (await unwrap(uploads.uploadAudio({ ...target, body }, { headers }))).content_length;
    },
    async token(scope) {
      const access = new AccessApi(configuration);
      return (await unwrap(access.issueToken({ grantType: 'client_credentials', scope }))).access_token;
    },
  };
}

async function unwrap<Data>(call: Promise<{ data: Data }>): Promise<Data> {
  return (await call.catch(refuse)).data;
}

function refuse(error: unknown): never {
  if (!isAxiosError(error) || !error.response) throw error;
  const { data } = error.response;
  throw new Refused(data instanceof Buffer ? JSON.parse(data.toString()) : data);
}
