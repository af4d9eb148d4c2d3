/** What in an account has recordings, and what takes uploads, by the legacy's own words. */
import type { ListRecordingsData } from '../../dist/client/index.ts';

export type RecordingType = ListRecordingsData['query']['type'];

export const recordingTypes: readonly RecordingType[] = [
  'findme',
  'locator',
  'recorded_calls',
  'recorded_call',
  'survey',
  'queue',
  'powerdialer',
  'user_recordings',
];

/** Of the whole account, and so of no thing that could be named. */
const typesWithoutId: readonly string[] = ['general', 'voting', 'holdmusic', 'whisperaudio', 'prompts'];

export const uploadTypes: readonly string[] = [...recordingTypes, 'survo', 'vmail', ...typesWithoutId];

/** Those that a thing of the account has to be named for. */
export function needsId(type: string): boolean {
  return !typesWithoutId.includes(type);
}
