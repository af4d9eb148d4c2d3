/** Audio that the legacy service fetches by itself. */
import { useState } from 'preact/hooks';
import type { Trouble } from '../trouble.ts';
import { type Target, uploadAddress } from '../upload.ts';
import { Spinner, UploadIcon } from './icons.tsx';
import { TroubleNotice } from './trouble-notice.tsx';

export interface AddressUploadProps {
  readonly target: Target;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}

export function AddressUpload({ target, onDone, onCancel }: AddressUploadProps) {
  const [path, setPath] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const { trouble: failed } = await uploadAddress(target, path);
    setBusy(false);
    setTrouble(failed);
    if (!failed) onDone();
  };
  return (
    <form onSubmit={submit}>
      <label class="field">
        <span>Address of the audio</span>
        <input
          required
          autocomplete="off"
          placeholder="https://media.example.com/greeting.wav"
          value={path}
          onInput={(event) => setPath(event.currentTarget.value.trim())}
        />
      </label>
      <p class="hint">The legacy service fetches it, so it has to be public.</p>
      {trouble && <TroubleNotice trouble={trouble} />}
      <footer>
        <button type="button" class="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" class="button primary" disabled={isBusy}>
          {isBusy ? <Spinner /> : <UploadIcon />}
          Upload
        </button>
      </footer>
    </form>
  );
}
