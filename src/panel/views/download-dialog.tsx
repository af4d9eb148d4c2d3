/** Saves a recording in a chosen format as soon as it is ready. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Recording } from '../../../clients/typescript/src/index.ts';
import type { ApiError } from '../api-error.ts';
import { save, whenReady } from '../audio.ts';
import { toName } from '../format.ts';
import { toast } from '../toast.ts';
import { ChoiceFields } from './choice-fields.tsx';
import { Dialog } from './dialog.tsx';
import { DialogFooter } from './dialog-footer.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { DownloadIcon } from './icons.tsx';

export interface DownloadDialogProps {
  readonly recording: Recording;
  readonly onClose: () => void;
}

export function DownloadDialog({ recording, onClose }: DownloadDialogProps) {
  const [form, setForm] = useState<{ format: 'wav' | 'mp3'; rate: number }>({ format: 'mp3', rate: 8000 });
  const [state, setState] = useState<'open' | 'asking' | 'processing'>('open');
  const [error, setError] = useState<ApiError | null>(null);
  const given = useRef(new AbortController());
  useEffect(() => () => given.current.abort(), []);

  const download = async (close: () => void) => {
    const choice = { sid: recording.sid, ...form };
    setState('asking');
    setError(null);
    try {
      const { signal } = given.current;
      const failed =
        (await whenReady(choice, { signal, onProcessing: () => setState('processing') })) ??
        (await save(choice));
      setError(failed);
      setState('open');
      if (failed) return;
      close();
      toast('The download has started.');
    } catch (error) {
      if (!given.current.signal.aborted) throw error;
    }
  };

  return (
    <Dialog title="Download" onClose={onClose}>
      {(close) => (
        <>
          <p class="about">{toName(recording)}</p>
          <ChoiceFields value={form} onChange={setForm} />
          {state === 'processing' && (
            <p class="notice" role="status">
              Still being processed. The download begins when it is ready.
            </p>
          )}
          {error && <ErrorNotice error={error} />}
          <DialogFooter
            onLeave={close}
            kind="primary"
            isBusy={state !== 'open'}
            Icon={DownloadIcon}
            onClick={() => download(close)}
          >
            Download
          </DialogFooter>
        </>
      )}
    </Dialog>
  );
}
