/** The four actions on the wire: their parameters and encoding. */

/** The account's keys; only requests of this folder carry them. */
export interface LegacyCredentials {
  readonly accessKey: string;
  readonly secretAccessKey: string;
}

/** Formats that the legacy service produces; `audio/formats.ts` describes each. */
export const audioFormats = ['wav', 'mp3'] as const;
export type AudioFormat = (typeof audioFormats)[number];

/** The parameters of each action, under the vendor's names. A new action starts with a row here. */
export interface LegacyActions {
  'recording.list': { type: string; id: string };
  'recording.download': { sid: string; format: AudioFormat; sample_rate: number };
  'recording.remove': { sid: string; delete_now: boolean };
  'recording.upload': { type: string; id?: string | undefined; path: string };
}

export type LegacyAction = keyof LegacyActions;

/** An action and its parameters in one value. */
export type LegacyCall = {
  [Action in LegacyAction]: { readonly action: Action; readonly parameters: LegacyActions[Action] };
}[LegacyAction];

/** The form of a call: keys, action, parameters. Booleans are 1 and 0, and the platform percent-encodes everything. */
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
