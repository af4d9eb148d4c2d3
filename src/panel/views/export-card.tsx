/** One export: its status, its progress, its failures, and what can be done with it. */
import { useId, useState } from 'preact/hooks';
import type { Export } from '../../../clients/typescript/src/index.ts';
import type { ApiError } from '../api-error.ts';
import { toSources, toStatusText } from '../export-texts.ts';
import { changeExport, isActive, saveManifest } from '../exports.ts';
import { toast } from '../toast.ts';
import { ErrorNotice } from './error-notice.tsx';
import { ExportFailures } from './export-failures.tsx';
import { ExportProgress } from './export-progress.tsx';
import { DeleteIcon, DownloadIcon, PauseIcon, PlayIcon, RetryIcon } from './icons.tsx';
import { ScopedButton } from './scoped-button.tsx';

export interface ExportCardProps {
  readonly exported: Export;
  readonly onAction: (action: 'cancel' | 'delete', exported: Export) => void;
}

const time = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

const statusKinds: Readonly<Record<Export['status'], string>> = {
  queued: 'open',
  running: 'open',
  waiting: 'open',
  paused: 'open',
  completed: 'good',
  completed_with_failures: 'bad',
  failed: 'bad',
  canceled: 'bad',
};

export function ExportCard({ exported, onAction }: ExportCardProps) {
  const titleId = useId();
  const [error, setError] = useState<ApiError | null>(null);
  const { status, progress, from, to, format, created_at } = exported;
  const attempt = async (call: Promise<ApiError | null>) => setError(await call);
  return (
    <li>
      <article class="export" aria-labelledby={titleId}>
        <header>
          <h2 id={titleId}>{toSources(exported)}</h2>
          <span class={`badge ${statusKinds[status]}`}>{toStatusText(exported)}</span>
        </header>
        <p class="sub">
          {format.toUpperCase()}
          {from && `, from ${from}`}
          {to && `, to ${to}`}, created {time.format(new Date(created_at))}
        </p>
        <ExportProgress exported={exported} />
        <Actions exported={exported} onAction={onAction} onAttempt={attempt} />
        {error && <ErrorNotice error={error} />}
        {progress.failed > 0 && <ExportFailures exported={exported} />}
      </article>
    </li>
  );
}

interface ActionsProps extends ExportCardProps {
  readonly onAttempt: (call: Promise<ApiError | null>) => void;
}

function Actions({ exported, onAction, onAttempt }: ActionsProps) {
  const { status, progress, deletion } = exported;
  const isDeleting = deletion?.status === 'running';
  const isCompleted = status === 'completed' || status === 'completed_with_failures';
  const canResume = status === 'paused' || status === 'failed' || deletion?.status === 'failed';
  const save = (format: 'ndjson' | 'csv') => {
    onAttempt(
      saveManifest(exported, format).then((error) => {
        if (!error) toast('The download of the manifest has begun.');
        return error;
      }),
    );
  };
  return (
    <div class="export-actions">
      {isActive(exported) && !isDeleting && (
        <ScopedButton
          scope="exports:write"
          kind="small"
          onClick={() => onAttempt(changeExport(exported, 'pause'))}
        >
          <PauseIcon />
          Pause
        </ScopedButton>
      )}
      {canResume && (
        <ScopedButton
          scope="exports:write"
          kind="small"
          onClick={() => onAttempt(changeExport(exported, 'resume'))}
        >
          <PlayIcon />
          Resume
        </ScopedButton>
      )}
      {isCompleted && progress.failed > 0 && !isDeleting && (
        <ScopedButton
          scope="exports:write"
          kind="small"
          onClick={() => onAttempt(changeExport(exported, 'retry'))}
        >
          <RetryIcon />
          Retry failures
        </ScopedButton>
      )}
      {progress.listed > 0 && (
        <>
          <ScopedButton scope="exports:read" kind="small" onClick={() => save('csv')}>
            <DownloadIcon />
            Manifest CSV
          </ScopedButton>
          <ScopedButton scope="exports:read" kind="small" onClick={() => save('ndjson')}>
            <DownloadIcon />
            Manifest NDJSON
          </ScopedButton>
        </>
      )}
      {(isActive(exported) || status === 'paused' || status === 'failed') && (
        <ScopedButton scope="exports:write" kind="small" onClick={() => onAction('cancel', exported)}>
          Cancel
        </ScopedButton>
      )}
      {isCompleted && !isDeleting && progress.copied + progress.skipped > 0 && (
        <ScopedButton scope="recordings:delete" kind="small" onClick={() => onAction('delete', exported)}>
          <DeleteIcon />
          Delete originals
        </ScopedButton>
      )}
    </div>
  );
}
