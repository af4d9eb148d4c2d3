/** Makes a short-lived link to a recording's audio and copies it. */
import { useRef, useState } from 'preact/hooks';
import type { Recording } from '../../../clients/typescript/src/index.ts';
import { access } from '../access.ts';
import type { ApiError } from '../api-error.ts';
import { makeLink } from '../audio.ts';
import { toName } from '../format.ts';
import { toast } from '../toast.ts';
import { ChoiceFields } from './choice-fields.tsx';
import { Dialog } from './dialog.tsx';
import { DialogFooter } from './dialog-footer.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { CopyIcon } from './icons.tsx';

export interface LinkDialogProps {
  readonly recording: Recording;
  readonly onClose: () => void;
}

const lifetimes = [
  { seconds: 300, label: '5 minutes' },
  { seconds: 900, label: '15 minutes' },
  { seconds: 3600, label: 'An hour' },
];

export function LinkDialog({ recording, onClose }: LinkDialogProps) {
  const [form, setForm] = useState<{ format: 'wav' | 'mp3'; rate: number }>({ format: 'mp3', rate: 8000 });
  const [seconds, setSeconds] = useState(900);
  const [link, setLink] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const field = useRef<HTMLInputElement>(null);

  const copy = async () => {
    setBusy(true);
    const made = await makeLink({ sid: recording.sid, ...form }, seconds);
    setBusy(false);
    setError(made.error);
    setLink(made.data?.url ?? null);
    if (!made.data) return;
    try {
      await navigator.clipboard.writeText(made.data.url);
      toast('The link is copied.');
    } catch {
      field.current?.select();
      toast('The link is ready. Copy it from the field.');
    }
  };

  return (
    <Dialog title="Copy a link" onClose={onClose}>
      {(close) => (
        <>
          <p class="about">{toName(recording)}</p>
          <ChoiceFields value={form} onChange={setForm} />
          <label class="field">
            <span>Opens for</span>
            <select value={seconds} onChange={(event) => setSeconds(Number(event.currentTarget.value))}>
              {lifetimes.map((lifetime) => (
                <option key={lifetime.seconds} value={lifetime.seconds}>
                  {lifetime.label}
                </option>
              ))}
            </select>
          </label>
          <p class="hint">
            Everyone with the link can listen without signing in until it expires.
            {!access.value?.links && ' This gateway is not set up to give any.'}
          </p>
          {link && (
            <label class="field">
              <span>Link</span>
              <input ref={field} readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
            </label>
          )}
          {error && <ErrorNotice error={error} />}
          <DialogFooter
            leave="Close"
            onLeave={close}
            kind="primary"
            isBusy={isBusy}
            Icon={CopyIcon}
            onClick={copy}
          >
            Copy link
          </DialogFooter>
        </>
      )}
    </Dialog>
  );
}
