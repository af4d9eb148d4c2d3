/**
 * Every operation of the OpenAPI document as a request that would succeed, so that tables cover new operations
 * automatically.
 */
import document from '../../openapi/openapi.json' with { type: 'json' };
import type { Scope } from '../../src/auth/scopes.ts';

export interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly init: RequestInit & { readonly headers: Readonly<Record<string, string>> };
  /** Null for public operations. */
  readonly scope: Scope | null;
  /** By the names of their schemes. */
  readonly waysIn: readonly string[];
}

interface DocumentedOperation {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: { readonly example?: unknown };
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
}

/** For the emulator's account `page`; any other parameter uses its example. */
const values: Readonly<Record<string, string>> = { sid: '0907065723240097', type: 'findme', id: '1234' };

/** The list that has the recording of `values`. */
const valuesOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  getRecording: { ...values, type: 'recorded_calls' },
};

/** Bodies by operation; a POST without an entry has no body. */
const bodies: Readonly<Record<string, { readonly type: string; readonly content: string }>> = {
  createUpload: {
    type: 'application/json',
    content: JSON.stringify({ type: 'findme', id: 1234, path: '/path/to/audio.wav' }),
  },
  uploadAudio: { type: 'audio/wav', content: 'RIFF\0\0\0\0WAVEfmt ' },
  createExport: {
    type: 'application/json',
    content: JSON.stringify({ sources: [{ type: 'findme', id: 1234 }] }),
  },
  createAudioLink: { type: 'application/json', content: '{}' },
  issueToken: { type: 'application/x-www-form-urlencoded', content: 'grant_type=client_credentials' },
};

export const operations: readonly Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods as Record<string, DocumentedOperation>).map(([method, operation]) =>
    toOperation(path, method, operation),
  ),
);

/** The statuses of success without a store: 501 for operations that need one. */
export function toSuccesses({ operationId }: Operation): readonly number[] {
  if (operationId === 'uploadAudio') return [201, 501];
  return /Exports?/.test(operationId) ? [501] : [200, 201, 202, 204];
}

/** Those that need a scope. */
export const guarded = operations.filter(
  (operation): operation is Operation & { scope: Scope } => operation.scope !== null,
);

function toOperation(template: string, method: string, documented: DocumentedOperation): Operation {
  const { operationId, parameters = [], security = [] } = documented;
  const query = new URLSearchParams();
  let path = template;
  for (const { name, in: place, required, schema } of parameters) {
    const known = valuesOf[operationId] ?? values;
    const value = known[name] ?? String(schema.example);
    if (place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(value));
    if (place === 'query' && (required || name in values)) query.set(name, value);
  }
  const body = bodies[operationId];
  const [scope] = security.flatMap(({ oauth2 = [] }) => oauth2);
  return {
    operationId,
    method: method.toUpperCase(),
    path: query.size > 0 ? `${path}?${query}` : path,
    init: {
      method: method.toUpperCase(),
      headers: body ? { 'Content-Type': body.type } : {},
      ...(body && { body: body.content }),
    },
    scope: (scope as Scope | undefined) ?? null,
    waysIn: security.flatMap((way) => Object.keys(way)),
  };
}
