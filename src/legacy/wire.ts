/** The four actions as they go over the wire: their parameters, and how those are written. */

/** The account's keys; only this folder's requests carry them. */
export interface LegacyCredentials {
  readonly accessKey: string;
  readonly secretAccessKey: string;
}

/** What the legacy service makes; `audio/formats.ts` says more about each. */
export const audioFormats = ['wav', 'mp3'] as const;
export type AudioFormat = (typeof audioFormats)[number];

/** What each action takes, by the vendor's own parameter names. A new action starts with a row here. */
export interface LegacyActions {
  'recording.list': { type: string; id: string };
  'recording.download': { sid: string; format: AudioFormat; sample_rate: number };
  'recording.remove': { sid: string; delete_now: boolean };
  'recording.upload': { type: string; id?: string | undefined; path: string };
}

export type LegacyAction = keyof LegacyActions;

/** A call and its parameters, as one value. */
export type LegacyCall = {
  [Action in LegacyAction]: { readonly action: Action; readonly parameters: LegacyActions[Action] };
}[LegacyAction];

/** The form of a call: keys, action, parameters; booleans as 1 and 0, everything percent-encoded by the platform. */
export function toForm(call: LegacyCall, credentials: LegacyCredentials): URLSearchParams {
  const form = new URLSearchParams({
    access_key: credentials.accessKey,
    secret_access_key: credentials.secretAccessKey,
    action: call.action,
  });
  for (const [name, value] of Object.entries(call.parameters)) {
    if (value !== undefined)
      form.set(name, typeof value === 'boolean' ? String(Number(value)) : String(value));
  }
  return form;
}
