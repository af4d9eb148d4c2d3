/** How far an export is, and how fast it goes. Screen readers hear changes of the status only, by a toast. */
import type { Export } from '../../../clients/typescript/src/index.ts';
import { countDone } from '../export-rate.ts';
import { toCount, toProgressText, toRateText } from '../export-texts.ts';
import { isActive, rateOf } from '../exports.ts';

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

export function ExportProgress({ exported }: { readonly exported: Export }) {
  const { progress, deletion, status, reason, resumes_at } = exported;
  const { listed, skipped, waiting } = progress;
  const rate = rateOf(exported);
  const why = reason ?? deletion?.reason;
  const isListing = isActive(exported) && listed === 0;
  return (
    <div class="progress">
      <label>
        <span>{isListing ? 'Reading the lists…' : toProgressText(exported)}</span>
        <progress {...(isListing ? {} : { value: countDone(progress), max: Math.max(1, listed) })} />
      </label>
      {rate && <p>{toRateText(rate)}</p>}
      {skipped > 0 && <p>{toCount(skipped)} had an intact copy from before.</p>}
      {waiting > 0 && <p>{toCount(waiting)} to try again later.</p>}
      {status === 'waiting' && resumes_at && <p>Goes on at {clock.format(new Date(resumes_at))}.</p>}
      {deletion && (
        <p>
          {toCount(deletion.deleted, 'original')} deleted
          {deletion.failed > 0 && `, ${deletion.failed} kept because of a failure`}.
        </p>
      )}
      {why && (
        <p>
          Reason: <a href={why.slice(1)}>{toSlug(why)}</a>
        </p>
      )}
    </div>
  );
}

function toSlug(type: string): string {
  return type.split('/').pop() ?? type;
}
