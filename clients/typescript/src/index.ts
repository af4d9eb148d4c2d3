/** The package's public names. */
export type { Audio, AudioOptions, WaitOptions } from './audio.ts';
export {
  type CallOptions,
  type ClientOptions,
  createRecordingsClient,
  type LinkOptions,
  type RecordingsClient,
  type TokenOptions,
  toTokenSource,
} from './client.ts';
export type { Credentials, IssuedToken } from './credentials.ts';
export type { ExportAction, ExportEvent, ManifestOptions } from './exports.ts';
export type { Attempt, AttemptObserver } from './http.ts';
export { AudioNotReady, ConnectionFailed, RecordingsProblem } from './problem.ts';
export type { RetryOptions } from './retry.ts';
export type * from './schema-names.ts';
export { createKey, type UploadAudioOptions, type UploadOptions } from './upload.ts';
