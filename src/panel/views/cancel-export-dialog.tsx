/** Asks before an export, or the deletion that follows it, ends for good. */
import { useState } from 'preact/hooks';
import type { Export } from '../../../clients/typescript/src/index.ts';
import type { ApiError } from '../api-error.ts';
import { toSources } from '../export-texts.ts';
import { changeExport } from '../exports.ts';
import { Dialog } from './dialog.tsx';
import { DialogFooter } from './dialog-footer.tsx';
import { ErrorNotice } from './error-notice.tsx';

export interface CancelExportDialogProps {
  readonly exported: Export;
  readonly onClose: () => void;
}

export function CancelExportDialog({ exported, onClose }: CancelExportDialogProps) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const isDeletion = exported.deletion?.status === 'running';

  const cancel = async (close: () => void) => {
    setBusy(true);
    const failed = await changeExport(exported, 'cancel');
    setBusy(false);
    setError(failed);
    if (!failed) close();
  };

  return (
    <Dialog title={isDeletion ? 'Cancel the deletion?' : 'Cancel this export?'} onClose={onClose}>
      {(close) => (
        <>
          <p class="about">{toSources(exported)}</p>
          <p>
            {isDeletion
              ? 'Originals that are deleted stay deleted. The others stay.'
              : 'It ends for good. The copies stay in the bucket, and a new export skips them.'}
          </p>
          {error && <ErrorNotice error={error} />}
          <DialogFooter
            leave="Go on"
            onLeave={close}
            kind="danger"
            isBusy={isBusy}
            onClick={() => cancel(close)}
          >
            {isDeletion ? 'Cancel the deletion' : 'Cancel the export'}
          </DialogFooter>
        </>
      )}
    </Dialog>
  );
}
