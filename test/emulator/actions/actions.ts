/** The four actions under the legacy service's names. */
import type { Action } from './action.ts';
import { download } from './download.ts';
import { list } from './list.ts';
import { remove } from './remove.ts';
import { upload } from './upload.ts';

export const actionNames = [
  'recording.download',
  'recording.list',
  'recording.remove',
  'recording.upload',
] as const;
export type ActionName = (typeof actionNames)[number];

export const actions: ReadonlyMap<string, Action> = new Map<ActionName, Action>([
  ['recording.download', download],
  ['recording.list', list],
  ['recording.remove', remove],
  ['recording.upload', upload],
]);
