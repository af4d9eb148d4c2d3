/** Asks for confirmation before a recording is deleted, and names it. */
import { useState } from 'preact/hooks';
import type { Recording } from '../../../clients/typescript/src/index.ts';
import { missingScope } from '../access.ts';
import type { ApiError } from '../api-error.ts';
import { toLength, toPhone, toWhen } from '../format.ts';
import { gateway, settle } from '../gateway.ts';
import { dropFromPage } from '../list.ts';
import { playing, stop } from '../playing.ts';
import { toast } from '../toast.ts';
import { Dialog } from './dialog.tsx';
import { DialogFooter } from './dialog-footer.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { DeleteIcon } from './icons.tsx';

export interface DeleteDialogProps {
  readonly recording: Recording;
  readonly live: boolean;
  readonly onClose: () => void;
}

export function DeleteDialog({ recording, live, onClose }: DeleteDialogProps) {
  const { sid, number_connected, date, duration_seconds } = recording;
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const when = toWhen(date);

  const remove = async (close: () => void) => {
    setBusy(true);
    const { error: failed } = await settle(gateway().deleteRecording(sid, { deleteNow: true }));
    setBusy(false);
    setError(failed);
    if (failed) return;
    if (playing.value?.recording.sid === sid) stop();
    close();
    dropFromPage(sid);
    toast(`Recording ${sid} is deleted.`);
    // The button that opened the dialog was removed with its row.
    document.getElementById('main')?.focus({ preventScroll: true });
  };

  return (
    <Dialog title="Delete this recording?" onClose={onClose}>
      {(close) => (
        <>
          <dl class="facts">
            <dt>Call with</dt>
            <dd>{toPhone(number_connected)}</dd>
            <dt>Recorded</dt>
            <dd>
              {when.day} {when.time}
            </dd>
            <dt>Length</dt>
            <dd>{toLength(duration_seconds)}</dd>
            <dt>SID</dt>
            <dd>
              <code>{sid}</code>
            </dd>
          </dl>
          <p>
            {live
              ? 'It is removed from the customer’s account at once, and cannot be brought back.'
              : 'It is removed from the emulator until the emulator restarts.'}
          </p>
          {error && <ErrorNotice error={error} />}
          <DialogFooter
            leave="Keep it"
            onLeave={close}
            kind="danger"
            isBusy={isBusy}
            isDisabled={missingScope('recordings:delete') !== null}
            Icon={DeleteIcon}
            onClick={() => remove(close)}
          >
            Delete
          </DialogFooter>
        </>
      )}
    </Dialog>
  );
}
