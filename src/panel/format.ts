/** Formats phone numbers, dates, durations and sizes for display. */
import type { Recording } from '../../clients/typescript/src/index.ts';

/** Ten digits in North American format; other text is unchanged. */
export function toPhone(number: string | null): string {
  const [, area, exchange, line] = /^(\d{3})(\d{3})(\d{4})$/.exec(number ?? '') ?? [];
  return area ? `(${area}) ${exchange}-${line}` : number || 'Unknown number';
}

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short', timeZone: 'UTC' });

/** By the legacy service's clock, like its `date`; text that is not a date is unchanged. */
export function toWhen(date: string | null): { readonly day: string; readonly time: string } {
  const moment = new Date(`${date?.replace(' ', 'T')}Z`);
  // JavaScript turns 31 February into a day of March.
  const isDate = !Number.isNaN(moment.getTime()) && moment.toISOString().slice(0, 10) === date?.slice(0, 10);
  if (!isDate) return { day: date || 'No date', time: '' };
  return { day: day.format(moment), time: time.format(moment) };
}

/** Such as 5:18 or 1:02:03. */
export function toLength(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return '–:––';
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Such as 57.6 MB or 2.4 GB. */
export function toSize(bytes: number): string {
  if (bytes < 999_500) return `${Math.max(1, Math.round(bytes / 1000))} kB`;
  if (bytes < 999_950_000) return `${(bytes / 1_000_000).toFixed(1)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}

/** Describes one recording within a sentence. */
export function toName({ number_connected, date, sid }: Recording): string {
  const { day: on, time: at } = toWhen(date);
  return date ? `call with ${toPhone(number_connected)}, ${on} ${at}`.trim() : `recording ${sid}`;
}
