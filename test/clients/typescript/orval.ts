/** The client of orval. */
import { type Adapter, Refused, runScenarios } from './driver.ts';
import * as api from './recordings';

await runScenarios(connect);

function connect(authorization?: string): Adapter {
  const headers: Record<string, string> = authorization ? { Authorization: authorization } : {};
  const options = { headers };
  return {
    async list(query) {
      const answer = await api.listRecordings({ type: 'findme', id: 1234, ...query }, options);
      if (answer.status !== 200) throw new Refused(answer.data);
      return answer.data;
    },
    async audio(sid, format) {
      const answer = await api.getRecordingAudio(sid, { format }, options);
      if (answer.status === 202) return 'processing';
      if (answer.status === 200 || answer.status === 206) return answer.data;
      if (answer.status === 304) throw new Error('asked for under no condition');
      throw new Refused(await toProblem(answer.data));
    },
    async link(sid) {
      const answer = await api.createAudioLink(sid, {}, options);
      if (answer.status !== 201) throw new Refused(answer.data);
      return answer.data.url;
    },
    async remove(sid) {
      const answer = await api.deleteRecording(sid, {}, options);
      if (answer.status !== 204 && answer.status !== 202) throw new Refused(answer.data);
    },
    async upload(path) {
      const answer = await api.createUpload({ type: 'findme', id: 1234, path }, options);
      if (answer.status !== 201) throw new Refused(answer.data);
      return answer.data.type;
    },
    async uploadBytes(bytes) {
      const typed = { headers: { ...headers, 'Content-Type': bytes.type } };
      const answer = await api.uploadAudio(bytes, { type: 'findme', id: 1234 }, typed);
      if (answer.status !== 201) throw new Refused(answer.data);
      return answer.data.content_length;
    },
    async token(scope) {
      const answer = await api.issueToken({ grant_type: 'client_credentials', scope }, options);
      if (answer.status !== 200) throw new Error(`no token: ${answer.status}`);
      return answer.data.access_token;
    },
  };
}

/** The generator reads every response of an operation with bytes as a Blob, whatever its type is. */
async function toProblem(data: api.Problem | Blob): Promise<api.Problem> {
  return data instanceof Blob ? JSON.parse(await data.text()) : data;
}
