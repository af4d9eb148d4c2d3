/** Texts about an export: its name, its status, its progress and its pace. */
import type { Export } from '../../clients/typescript/src/index.ts';
import { countDone, type Rate } from './export-rate.ts';
import { toSize } from './format.ts';

const statusTexts: Readonly<Record<Export['status'], string>> = {
  queued: 'Queued',
  running: 'Running',
  waiting: 'Waiting',
  paused: 'Paused',
  completed: 'Completed',
  completed_with_failures: 'Completed with failures',
  failed: 'Failed',
  canceled: 'Canceled',
};

const deletionTexts: Readonly<Record<NonNullable<Export['deletion']>['status'], string>> = {
  running: 'Deleting originals',
  completed: 'Originals deleted',
  completed_with_failures: 'Originals deleted, except for failures',
  failed: 'Deletion failed',
  canceled: 'Deletion canceled',
};

export function toStatusText({ status, deletion }: Export): string {
  return deletion ? deletionTexts[deletion.status] : statusTexts[status];
}

/** Such as “findme 1234 and 2 more”. */
export function toSources({ sources }: Pick<Export, 'sources'>): string {
  const [first] = sources;
  const name = first ? `${first.type} ${first.id}` : '';
  return sources.length > 1 ? `${name} and ${sources.length - 1} more` : name;
}

const number = new Intl.NumberFormat('en');

export function toCount(count: number, noun = 'recording'): string {
  return `${number.format(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Such as “1,204 of 10,000 recordings, 77.1 MB”. */
export function toProgressText({ progress }: Pick<Export, 'progress'>): string {
  const bytes = progress.bytes > 0 ? `, ${toSize(progress.bytes)}` : '';
  return `${number.format(countDone(progress))} of ${toCount(progress.listed)}${bytes}`;
}

/** Such as “9.8 recordings/s · 627 kB/s · 15 minutes left”. */
export function toRateText({ recordingsPerSecond, bytesPerSecond, secondsLeft }: Rate): string {
  const parts = [`${recordingsPerSecond.toFixed(1)} recordings/s`];
  if (bytesPerSecond > 0) parts.push(`${toSize(bytesPerSecond)}/s`);
  if (secondsLeft !== null) parts.push(toTimeLeft(secondsLeft));
  return parts.join(' · ');
}

function toTimeLeft(seconds: number): string {
  if (seconds < 60) return 'less than a minute left';
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return minutes === 1 ? 'a minute left' : `${minutes} minutes left`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours left` : `${Math.round(hours / 24)} days left`;
}
