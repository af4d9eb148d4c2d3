/** Asks for the number of recordings, typed, before an export's originals are deleted. */
import { useState } from 'preact/hooks';
import type { Export } from '../../../clients/typescript/src/index.ts';
import type { ApiError } from '../api-error.ts';
import { toCount, toSources } from '../export-texts.ts';
import { changeExport } from '../exports.ts';
import { Dialog } from './dialog.tsx';
import { DialogFooter } from './dialog-footer.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { DeleteIcon } from './icons.tsx';

export interface DeleteOriginalsDialogProps {
  readonly exported: Export;
  readonly live: boolean;
  readonly onClose: () => void;
}

export function DeleteOriginalsDialog({ exported, live, onClose }: DeleteOriginalsDialogProps) {
  const [typed, setTyped] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const count = exported.progress.copied + exported.progress.skipped;
  const phrase = `delete ${count}`;
  const isConfirmed = typed.trim().toLowerCase() === phrase;

  const remove = async (close: () => void) => {
    setBusy(true);
    const failed = await changeExport(exported, 'deletion');
    setBusy(false);
    setError(failed);
    if (!failed) close();
  };

  return (
    <Dialog title={`Delete ${toCount(count, 'original')}?`} onClose={onClose}>
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (isConfirmed) void remove(close);
          }}
        >
          <p class="about">{toSources(exported)}</p>
          <p>
            The gateway reads each copy back, compares its digest, and then deletes the original. An original
            whose copy is missing or damaged stays.{' '}
            {live
              ? 'Deleted originals cannot be brought back.'
              : 'The emulator has them again when it is started again.'}
          </p>
          <label class="field">
            <span>Type “{phrase}” to confirm</span>
            <input
              required
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
          {error && <ErrorNotice error={error} />}
          <DialogFooter
            leave="Keep them"
            onLeave={close}
            kind="danger"
            isBusy={isBusy}
            isDisabled={!isConfirmed}
            Icon={DeleteIcon}
          >
            Delete originals
          </DialogFooter>
        </form>
      )}
    </Dialog>
  );
}
