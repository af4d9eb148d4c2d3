/** Uploads audio that the legacy service fetches from a path. */
import { useMemo, useState } from 'preact/hooks';
import { createKey } from '../../../clients/typescript/src/index.ts';
import type { ApiError } from '../api-error.ts';
import type { PanelConfig } from '../config.ts';
import { type Target, uploadAddress } from '../upload.ts';
import { DialogFooter } from './dialog-footer.tsx';
import { UploadIcon } from './icons.tsx';
import { UploadError } from './upload-error.tsx';

export interface AddressUploadProps {
  readonly config: PanelConfig;
  readonly target: Target;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}

export function AddressUpload({ config, target, onDone, onCancel }: AddressUploadProps) {
  const [path, setPath] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const key = useMemo(createKey, [path, target.type, target.id]);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const failed = await uploadAddress(target, { path, key: config.byte_uploads ? key : null });
    setBusy(false);
    setError(failed);
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
      {error && <UploadError error={error} />}
      <DialogFooter onLeave={onCancel} kind="primary" isBusy={isBusy} Icon={UploadIcon}>
        Upload
      </DialogFooter>
    </form>
  );
}
