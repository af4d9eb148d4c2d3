/** The types of the OpenAPI document under the names that callers use. */
import type { components, KnownProblemSlug, operations } from './schema.ts';

type Schemas = components['schemas'];

export type Recording = Schemas['Recording'];
export type RecordingList = Schemas['RecordingList'];
export type RecordingType = Schemas['RecordingType'];
export type AudioFormat = Schemas['AudioFormat'];
export type AudioLink = Schemas['AudioLink'];
export type AudioUpload = Schemas['AudioUpload'];
export type Upload = Schemas['Upload'];
export type UploadRequest = Schemas['UploadRequest'];
export type Token = Schemas['Token'];
export type Export = Schemas['Export'];
export type ExportDeletion = Schemas['ExportDeletion'];
export type ExportList = Schemas['ExportList'];
export type ExportOutcome = Schemas['ExportOutcome'];
export type ExportProgress = Schemas['ExportProgress'];
export type ExportRequest = Schemas['ExportRequest'];
export type ManifestFormat = Schemas['ManifestFormat'];
export type Problem = Schemas['Problem'];
export type ProblemType = Schemas['ProblemType'];

/** The query of a list, without the cursor that the iterator keeps. */
export type ListQuery = Omit<operations['listRecordings']['parameters']['query'], 'cursor'>;
export type UploadTarget = operations['uploadAudio']['parameters']['query'];

/** Every problem that this version of the document knows; a newer gateway may send others. */
export type ProblemSlug = KnownProblemSlug | (string & {});
