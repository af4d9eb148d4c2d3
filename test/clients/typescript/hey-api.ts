/** The client of @hey-api/openapi-ts. */
import { type Adapter, baseUrl, Refused, runScenarios } from './driver.ts';
import type { Problem } from './recordings';
import * as api from './recordings';
import { createClient } from './recordings/client';

await runScenarios(connect);

function connect(authorization?: string): Adapter {
  const client = createClient({ baseUrl, headers: { Authorization: authorization } });
  return {
    list: async (query) =>
      unwrap(await api.listRecordings({ client, query: { type: 'findme', id: 1234, ...query } })),
    async audio(sid, format) {
      const audio = unwrap(await api.getRecordingAudio({ client, path: { sid }, query: { format } }));
      return audio instanceof Blob ? audio : audio.status;
    },
    link: async (sid) => unwrap(await api.createAudioLink({ client, path: { sid } })).url,
    async remove(sid) {
      const { error } = await api.deleteRecording({ client, path: { sid } });
      if (error) throw new Refused(error);
    },
    upload: async (path) =>
      unwrap(await api.createUpload({ client, body: { type: 'findme', id: 1234, path } })).type,
    async uploadBytes(body) {
      const headers = { 'Content-Type': body.type };
      const query = { type: 'findme', id: 1234 } as const;
      return unwrap(await api.uploadAudio({ client, body, headers, query })).content_length;
    },
    async token(scope) {
      const body = { grant_type: 'client_credentials', scope } as const;
      const { data, error } = await api.issueToken({ client, body });
      if (data) return data.access_token;
      throw new Error('error' in error ? error.error_description : error.detail);
    },
  };
}

function unwrap<Data>(result: { data?: Data; error?: Problem }): Data {
  if (result.error) throw new Refused(result.error);
  if (result.data === undefined) throw new Error('there is neither data nor an error');
  return result.data;
}
