/** Types of the account's resources that own recordings or accept uploads, by their legacy names. */
import type { RecordingType } from '../../clients/typescript/src/index.ts';

export type { RecordingType };

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

/** These belong to the account as a whole, so they have no ID. */
const typesWithoutId: readonly string[] = ['general', 'voting', 'holdmusic', 'whisperaudio', 'prompts'];

export const uploadTypes: readonly string[] = [...recordingTypes, 'survo', 'vmail', ...typesWithoutId];

/** Whether an upload of this type must name the ID of a resource. */
export function needsId(type: string): boolean {
  return !typesWithoutId.includes(type);
}
