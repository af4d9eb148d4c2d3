/** The recordings: the search, the list, and the actions on each. */
import { useEffect, useState } from 'preact/hooks';
import type { Recording } from '../../../clients/typescript/src/index.ts';
import type { PanelConfig } from '../config.ts';
import { listError, page, type Query, reload } from '../list.ts';
import { exportsAddress, openView } from '../view.ts';
import { DeleteDialog } from './delete-dialog.tsx';
import { DownloadDialog } from './download-dialog.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { ExportIcon, UploadIcon } from './icons.tsx';
import { LinkDialog } from './link-dialog.tsx';
import type { RecordingAction } from './recording-row.tsx';
import { RecordingTable } from './recording-table.tsx';
import { ScopedButton } from './scoped-button.tsx';
import { SearchForm } from './search-form.tsx';
import { UploadButton } from './upload-button.tsx';
import { UploadDialog } from './upload-dialog.tsx';
import { useFileDrop } from './use-file-drop.ts';

type Open =
  | { readonly action: RecordingAction; readonly recording: Recording }
  | { readonly action: 'export' }
  | { readonly action: 'upload'; readonly file: File | null };

export interface LibraryProps {
  readonly config: PanelConfig;
  readonly start: Query | null;
}

export function Library({ config, start }: LibraryProps) {
  const [open, setOpen] = useState<Open | null>(null);
  const isDropping = useFileDrop((file) => setOpen({ action: 'upload', file }));
  const close = () => setOpen(null);

  // After a sign-in, keyboard and screen reader users continue here.
  useEffect(() => document.getElementById('main')?.focus(), []);

  return (
    <>
      <div class="title-row">
        <h1>Recordings</h1>
        <div class="button-row">
          {config.exports && (
            <ScopedButton scope="exports:write" onClick={() => setOpen({ action: 'export' })}>
              <ExportIcon />
              Export
            </ScopedButton>
          )}
          <UploadButton label="Upload" onClick={() => setOpen({ action: 'upload', file: null })} />
        </div>
      </div>
      <SearchForm start={start} />
      {listError.value && <ErrorNotice error={listError.value} onRetry={reload} />}
      <RecordingTable
        onAction={(action, recording) => setOpen({ action, recording })}
        onUpload={() => setOpen({ action: 'upload', file: null })}
      />
      {open?.action === 'download' && <DownloadDialog recording={open.recording} onClose={close} />}
      {open?.action === 'link' && <LinkDialog recording={open.recording} onClose={close} />}
      {open?.action === 'delete' && (
        <DeleteDialog recording={open.recording} live={config.live} onClose={close} />
      )}
      {open?.action === 'upload' && (
        <UploadDialog
          config={config}
          file={open.file}
          target={page.value?.query ?? start ?? { type: 'findme', id: '' }}
          onClose={close}
        />
      )}
      {open?.action === 'export' && (
        <ExportDialog
          query={page.value?.query ?? start}
          onClose={close}
          onStarted={() => openView('exports', exportsAddress)}
        />
      )}
      {isDropping && (
        <div class="drop-veil" aria-hidden="true">
          <UploadIcon />
          Drop the audio to upload it
        </div>
      )}
    </>
  );
}
