/** Uploads: the resource, then a file or a path. */
import { useState } from 'preact/hooks';
import type { PanelConfig } from '../config.ts';
import { reload } from '../list.ts';
import { needsId, uploadTypes } from '../resource-types.ts';
import { toast } from '../toast.ts';
import type { Target } from '../upload.ts';
import { Dialog } from './dialog.tsx';
import { TypeField } from './type-field.tsx';
import { AddressUpload } from './upload-address.tsx';
import { FileUpload } from './upload-file.tsx';

export interface UploadDialogProps {
  readonly config: PanelConfig;
  /** A file dropped on the page. */
  readonly file: File | null;
  readonly target: Target;
  readonly onClose: () => void;
}

export function UploadDialog({ config, file, target: start, onClose }: UploadDialogProps) {
  const [target, setTarget] = useState<Target>({ type: start.type, id: start.id });
  const [way, setWay] = useState<'file' | 'address'>(config.byte_uploads || file ? 'file' : 'address');
  return (
    <Dialog title="Upload a recording" onClose={onClose}>
      {(close) => {
        const done = () => {
          close();
          toast('Uploaded. The legacy service accepted the audio.');
          void reload();
        };
        return (
          <>
            <TargetFields value={target} onChange={setTarget} />
            <fieldset class="segments">
              <legend>From</legend>
              {(['file', 'address'] as const).map((name) => (
                <label key={name}>
                  <input type="radio" name="from" checked={way === name} onChange={() => setWay(name)} />
                  <span>{name === 'file' ? 'This device' : 'An address'}</span>
                </label>
              ))}
            </fieldset>
            {way === 'file' ? (
              <FileUpload config={config} target={target} file={file} onDone={done} onCancel={close} />
            ) : (
              <AddressUpload config={config} target={target} onDone={done} onCancel={close} />
            )}
          </>
        );
      }}
    </Dialog>
  );
}

interface TargetFieldsProps {
  readonly value: Target;
  readonly onChange: (value: Target) => void;
}

function TargetFields({ value, onChange }: TargetFieldsProps) {
  return (
    <div class="choices">
      <TypeField types={uploadTypes} value={value.type} onChange={(type) => onChange({ ...value, type })} />
      {needsId(value.type) && (
        <label class="field">
          <span>ID</span>
          <input
            required
            inputMode="numeric"
            autocomplete="off"
            value={value.id}
            onInput={(event) => onChange({ ...value, id: event.currentTarget.value.trim() })}
          />
        </label>
      )}
    </div>
  );
}
