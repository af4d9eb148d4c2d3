/** The client of openapi-generator for JavaScript, on superagent. */
import { baseUrl, Refused, runScenarios } from './driver.ts';
import {
  AccessApi,
  ApiClient,
  AudioApi,
  AudioLinkRequest,
  Problem,
  RecordingsApi,
  UploadRequest,
  UploadsApi,
} from './recordings/src/index.js';

const target = { type: 'findme', id: 1234 };

await runScenarios(connect);

function connect(authorization) {
  /** `plugin` sees each request before it is sent. */
  const build = (plugin) => {
    const client = new ApiClient(baseUrl);
    const [scheme, secret = ''] = authorization?.split(' ') ?? [];
    if (scheme === 'Bearer') client.authentications.bearer.accessToken = secret;
    if (scheme === 'Basic') {
      const [username, password] = atob(secret).split(':');
      Object.assign(client.authentications.basic, { username, password });
    }
    if (plugin) client.plugins = [plugin];
    return client;
  };
  const json = build();
  // Otherwise superagent reads audio as text.
  const bytes = build((request) => request.responseType('blob'));
  return {
    list: ({ limit, cursor }) =>
      new RecordingsApi(json).listRecordings(target.type, target.id, { limit, cursor }).catch(refuse),
    async audio(sid, format) {
      const call = new AudioApi(bytes).getRecordingAudioWithHttpInfo(sid, { format });
      const { response, data } = await call.catch(refuse);
      return response.status === 202 ? 'processing' : new Blob([data]);
    },
    async link(sid) {
      const options = { audioLinkRequest: new AudioLinkRequest() };
      return (await new AudioApi(json).createAudioLink(sid, options).catch(refuse)).url;
    },
    async remove(sid) {
      await new RecordingsApi(json).deleteRecording(sid).catch(refuse);
    },
    async upload(path) {
      const request = Object.assign(new UploadRequest(target.type, path), { id: target.id });
      return (await new UploadsApi(json).createUpload(request).catch(refuse)).type;
    },
    async uploadBytes(audio) {
      // The generated code names the first media type, whatever is sent.
      const named = build((request) => {
        request.type = () => request.set('Content-Type', audio.type);
      });
      const body = Buffer.from(await audio.arrayBuffer());
      const call = new UploadsApi(named).uploadAudio(target.type, body, { id: target.id });
      return (await call.catch(refuse)).content_length;
    },
    token: async (scope) =>
      (await new AccessApi(json).issueToken('client_credentials', { scope }).catch(refuse)).access_token,
  };
}

/** Failures are objects with the parsed body; after `responseType`, with its bytes. */
function refuse(failure) {
  if (!failure.body) throw failure.error ?? failure;
  const { body } = failure;
  throw new Refused(Problem.constructFromObject(Buffer.isBuffer(body) ? JSON.parse(body.toString()) : body));
}
