/** Starts an export of one or more resources, filled in from the list on screen. */
import { useMemo, useState } from 'preact/hooks';
import { createKey, type ExportRequest } from '../../../clients/typescript/src/index.ts';
import { missingScope } from '../access.ts';
import type { ApiError } from '../api-error.ts';
import { startExport } from '../exports.ts';
import type { Query } from '../list.ts';
import { toast } from '../toast.ts';
import { ChoiceFields } from './choice-fields.tsx';
import { Dialog } from './dialog.tsx';
import { DialogFooter } from './dialog-footer.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { ExportIcon } from './icons.tsx';
import { SourceFields, type SourceInput } from './source-fields.tsx';

export interface ExportDialogProps {
  readonly query: Query | null;
  readonly onClose: () => void;
  readonly onStarted: () => void;
}

export function ExportDialog({ query, onClose, onStarted }: ExportDialogProps) {
  const [sources, setSources] = useState<readonly SourceInput[]>([
    { type: query?.type ?? 'findme', id: query?.id ?? '' },
  ]);
  const [days, setDays] = useState({ from: query?.from ?? '', to: query?.to ?? '' });
  const [form, setForm] = useState<{ format: 'wav' | 'mp3'; rate: number }>({ format: 'wav', rate: 8000 });
  const [callsPerMinute, setCallsPerMinute] = useState('600');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const body = toRequest({ sources, days, form, callsPerMinute });
  const key = useMemo(createKey, [JSON.stringify(body)]);

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const { error: failed } = await startExport(body, key);
    setBusy(false);
    setError(failed);
    if (failed) return;
    onStarted();
    toast('The export has begun.');
  };

  return (
    <Dialog title="Export recordings" onClose={onClose}>
      {(close) => (
        <form onSubmit={submit}>
          <p class="hint">
            Copies every recording into the operator’s bucket, checked and hashed, with a manifest.
          </p>
          <SourceFields sources={sources} onChange={setSources} />
          <div class="choices">
            <label class="field">
              <span>From</span>
              <input
                type="date"
                value={days.from}
                onInput={(event) => setDays({ ...days, from: event.currentTarget.value })}
              />
            </label>
            <label class="field">
              <span>To</span>
              <input
                type="date"
                value={days.to}
                onInput={(event) => setDays({ ...days, to: event.currentTarget.value })}
              />
            </label>
          </div>
          <ChoiceFields value={form} onChange={setForm} />
          <label class="field">
            <span>Downloads per minute</span>
            <input
              required
              inputMode="numeric"
              autocomplete="off"
              value={callsPerMinute}
              onInput={(event) => setCallsPerMinute(event.currentTarget.value.trim())}
            />
          </label>
          {error && <ErrorNotice error={error} />}
          <DialogFooter
            onLeave={close}
            kind="primary"
            isBusy={isBusy}
            isDisabled={missingScope('exports:write') !== null}
            Icon={ExportIcon}
          >
            Start export
          </DialogFooter>
        </form>
      )}
    </Dialog>
  );
}

interface Inputs {
  readonly sources: readonly SourceInput[];
  readonly days: { readonly from: string; readonly to: string };
  readonly form: { readonly format: 'wav' | 'mp3'; readonly rate: number };
  readonly callsPerMinute: string;
}

/** The gateway names an invalid number better than this page would. */
function toRequest({ sources, days, form, callsPerMinute }: Inputs): ExportRequest {
  const toNumber = (text: string) => (/^\d+$/.test(text) ? Number(text) : (text as never));
  return {
    sources: sources.map(({ type, id }) => ({ type, id: toNumber(id) })),
    ...(days.from && { from: days.from }),
    ...(days.to && { to: days.to }),
    format: form.format,
    sample_rate: form.rate,
    calls_per_minute: toNumber(callsPerMinute),
  };
}
