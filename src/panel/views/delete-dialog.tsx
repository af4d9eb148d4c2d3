/** Asks before a recording is deleted, and names it. */
import { useState } from 'preact/hooks';
import { deleteRecording, type Recording } from '../../../dist/client/index.ts';
import { whyNot } from '../access.ts';
import { client, settle } from '../gateway.ts';
import { dropFromPage } from '../list.ts';
import { playing, stop } from '../playing.ts';
import { say } from '../say.ts';
import type { Trouble } from '../trouble.ts';
import { toLength, toPhone, toWhen } from '../words.ts';
import { BusyButton } from './busy-button.tsx';
import { Dialog } from './dialog.tsx';
import { DeleteIcon } from './icons.tsx';
import { TroubleNotice } from './trouble-notice.tsx';

export interface DeleteDialogProps {
  readonly recording: Recording;
  readonly live: boolean;
  readonly onClose: () => void;
}

export function DeleteDialog({ recording, live, onClose }: DeleteDialogProps) {
  const { sid, number_connected, date, duration_seconds } = recording;
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const when = toWhen(date);

  const remove = async (close: () => void) => {
    setBusy(true);
    const { trouble: failed } = await settle(
      deleteRecording({ client, path: { sid }, query: { delete_now: true } }),
    );
    setBusy(false);
    setTrouble(failed);
    if (failed) return;
    if (playing.value?.recording.sid === sid) stop();
    close();
    dropFromPage(sid);
    say(`Recording ${sid} is deleted.`);
    // The button that opened the question went with its row.
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
              : 'It is removed from the emulator until that is started again.'}
          </p>
          {trouble && <TroubleNotice trouble={trouble} />}
          <footer>
            <button type="button" class="button" onClick={close}>
              Keep it
            </button>
            <BusyButton
              kind="danger"
              isBusy={isBusy}
              isDisabled={whyNot('recordings:delete') !== null}
              Icon={DeleteIcon}
              onClick={() => remove(close)}
            >
              Delete
            </BusyButton>
          </footer>
        </>
      )}
    </Dialog>
  );
}
