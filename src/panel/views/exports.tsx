/** The account's exports: how far each is, and what can be done with it. */
import { useEffect, useState } from 'preact/hooks';
import type { Export } from '../../../clients/typescript/src/index.ts';
import type { PanelConfig } from '../config.ts';
import { exportsError, forgetExports, loadExports, shownExports } from '../exports.ts';
import type { Query } from '../list.ts';
import { CancelExportDialog } from './cancel-export-dialog.tsx';
import { DeleteOriginalsDialog } from './delete-originals-dialog.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { ExportCard } from './export-card.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { ExportIcon, Spinner } from './icons.tsx';
import { ScopedButton } from './scoped-button.tsx';

type Open =
  | { readonly action: 'create' }
  | { readonly action: 'cancel' | 'delete'; readonly exported: Export };

export interface ExportsProps {
  readonly config: PanelConfig;
  /** The list that the new export is filled in with. */
  readonly query: Query | null;
}

export function Exports({ config, query }: ExportsProps) {
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  useEffect(() => {
    document.getElementById('main')?.focus();
    void loadExports();
    return forgetExports;
  }, []);

  return (
    <>
      <div class="title-row">
        <h1>Exports</h1>
        <ScopedButton scope="exports:write" onClick={() => setOpen({ action: 'create' })}>
          <ExportIcon />
          New export
        </ScopedButton>
      </div>
      {exportsError.value && <ErrorNotice error={exportsError.value} onRetry={() => void loadExports()} />}
      <List onAction={(action, exported) => setOpen({ action, exported })} />
      {open?.action === 'create' && (
        <ExportDialog
          query={query}
          onClose={close}
          onStarted={() => {
            close();
            void loadExports();
          }}
        />
      )}
      {open?.action === 'cancel' && <CancelExportDialog exported={open.exported} onClose={close} />}
      {open?.action === 'delete' && (
        <DeleteOriginalsDialog exported={open.exported} live={config.live} onClose={close} />
      )}
    </>
  );
}

interface ListProps {
  readonly onAction: (action: 'cancel' | 'delete', exported: Export) => void;
}

function List({ onAction }: ListProps) {
  const exports = shownExports.value;
  if (exportsError.value) return null;
  if (!exports) {
    return (
      <div class="blank">
        <Spinner />
        <p>Loading the exports…</p>
      </div>
    );
  }
  if (exports.length === 0) {
    return (
      <div class="blank">
        <ExportIcon />
        <h2>No exports</h2>
        <p>An export copies every recording into your own bucket, verified and with its metadata.</p>
      </div>
    );
  }
  return (
    <ul class="exports" aria-label="Exports of the account">
      {exports.map((exported) => (
        <ExportCard key={exported.id} exported={exported} onAction={onAction} />
      ))}
    </ul>
  );
}
