/** The client of openapi-typescript and openapi-fetch. */
import createClient from 'openapi-fetch';
import { type Adapter, baseUrl, Refused, runScenarios } from './driver.ts';
import type { components, paths } from './recordings';

type Problem = components['schemas']['Problem'];

await runScenarios(connect);

function connect(authorization?: string): Adapter {
  const client = createClient<paths, 'application/json' | 'application/problem+json'>({
    baseUrl,
    headers: { Authorization: authorization },
  });
  return {
    async list(query) {
      const params = { query: { type: 'findme', id: 1234, ...query } } as const;
      return unwrap(await client.GET('/recordings', { params }));
    },
    async audio(sid, format) {
      const params = { path: { sid }, query: { format } };
      const { data, error, response } = await client.GET('/recordings/{sid}/audio', {
        params,
        parseAs: 'blob',
      });
      if (error) throw new Refused(error);
      return response.status === 202 ? 'processing' : data;
    },
    link: async (sid) =>
      unwrap(await client.POST('/recordings/{sid}/audio-links', { params: { path: { sid } } })).url,
    async remove(sid) {
      const { error } = await client.DELETE('/recordings/{sid}', { params: { path: { sid } } });
      if (error) throw new Refused(error);
    },
    upload: async (path) =>
      unwrap(await client.POST('/uploads', { body: { type: 'findme', id: 1234, path } })).type,
    async uploadBytes(bytes) {
      const params = { query: { type: 'findme', id: 1234 } } as const;
      const headers = { 'Content-Type': bytes.type };
      // The generator declares a string for the document's bytes; the serializer sends the bytes.
      const options = { params, headers, body: '', bodySerializer: () => bytes };
      return unwrap(await client.POST('/uploads/audio', options)).content_length;
    },
    async token(scope) {
      const body = { grant_type: 'client_credentials', expires_in: 900, scope } as const;
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      const bodySerializer = () => new URLSearchParams({ grant_type: body.grant_type, scope });
      const { data, error } = await client.POST('/oauth/token', { body, bodySerializer, headers });
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
