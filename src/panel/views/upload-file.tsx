/** Uploads audio from this device, dropped or chosen, and shows its progress. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { createKey } from '../../../clients/typescript/src/index.ts';
import type { ApiError } from '../api-error.ts';
import type { PanelConfig } from '../config.ts';
import { toSize } from '../format.ts';
import { type Target, uploadFile } from '../upload.ts';
import { DialogFooter } from './dialog-footer.tsx';
import { DropZone } from './drop-zone.tsx';
import { UploadIcon } from './icons.tsx';
import { UploadError } from './upload-error.tsx';

export interface FileUploadProps {
  readonly config: PanelConfig;
  readonly target: Target;
  readonly file: File | null;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}

export function FileUpload({ config, target, file: start, onDone, onCancel }: FileUploadProps) {
  const [file, setFile] = useState(start);
  const [share, setShare] = useState<number | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const key = useMemo(createKey, [file, target.type, target.id]);
  const given = useRef(new AbortController());
  useEffect(() => () => given.current.abort(), []);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (!file) return;
    setShare(0);
    setError(null);
    const { signal } = given.current;
    try {
      const failed = await uploadFile(target, { file, signal, key, onProgress: setShare });
      setError(failed);
      setShare(null);
      if (!failed) onDone();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };

  const isTooLarge = file !== null && file.size > config.max_upload_bytes;
  return (
    <form onSubmit={submit}>
      <DropZone file={file} onFile={setFile} />
      {!config.byte_uploads && (
        <p class="hint">
          This gateway keeps no files for the legacy service. Upload from an address instead.
        </p>
      )}
      {isTooLarge && (
        <p class="notice bad" role="alert">
          The file has {toSize(file.size)}; this gateway takes at most {toSize(config.max_upload_bytes)}.
        </p>
      )}
      {share !== null && (
        <div class="progress">
          <label>
            <span>
              {share < 1 ? `Sending: ${Math.round(share * 100)} %` : 'Sent. The legacy service fetches it…'}
            </span>
            <progress value={share} max={1} />
          </label>
        </div>
      )}
      {error && <UploadError error={error} />}
      <DialogFooter
        onLeave={onCancel}
        kind="primary"
        isBusy={share !== null}
        isDisabled={!file || isTooLarge || !config.byte_uploads}
        Icon={UploadIcon}
      >
        Upload
      </DialogFooter>
    </form>
  );
}
