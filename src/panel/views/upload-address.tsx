/** Audio that the legacy service fetches by itself. */
import { useMemo, useState } from 'preact/hooks';
import type { PanelConfig } from '../config.ts';
import type { Trouble } from '../trouble.ts';
import { createUploadKey, type Target, uploadAddress } from '../upload.ts';
import { BusyButton } from './busy-button.tsx';
import { UploadIcon } from './icons.tsx';
import { UploadTrouble } from './upload-trouble.tsx';

export interface AddressUploadProps {
  readonly config: PanelConfig;
  readonly target: Target;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}

export function AddressUpload({ config, target, onDone, onCancel }: AddressUploadProps) {
  const [path, setPath] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const key = useMemo(createUploadKey, [path, target.type, target.id]);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const { trouble: failed } = await uploadAddress(target, { path, key: config.byte_uploads ? key : null });
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
      {trouble && <UploadTrouble trouble={trouble} />}
      <footer>
        <button type="button" class="button" onClick={onCancel}>
          Cancel
        </button>
        <BusyButton kind="primary" isBusy={isBusy} Icon={UploadIcon}>
          Upload
        </BusyButton>
      </footer>
    </form>
  );
}
