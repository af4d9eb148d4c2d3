/** One page of recordings. It stays a table at any width; a phone's has fewer columns and more in each. */
import type { Recording } from '../../../dist/client/index.ts';
import { isLoading, listTrouble, type Page, page, showNext, showPrevious } from '../list.ts';
import { NextIcon, PreviousIcon, Spinner, WaveIcon } from './icons.tsx';
import { type RecordingAction, RecordingRow } from './recording-row.tsx';

export interface RecordingTableProps {
  readonly onAction: (action: RecordingAction, recording: Recording) => void;
  readonly onUpload: () => void;
}

export function RecordingTable({ onAction, onUpload }: RecordingTableProps) {
  const shown = page.value;
  if (!shown) {
    if (listTrouble.value) return null;
    return isLoading.value ? <Waiting /> : <Unasked />;
  }
  if (shown.recordings.length === 0) return <Nothing shown={shown} onUpload={onUpload} />;
  return (
    <section aria-busy={isLoading.value} class="list" aria-label="Recordings found">
      <table>
        <caption class="unseen">
          Recordings of {shown.query.type} {shown.query.id}
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">Play</span>
            </th>
            <th scope="col">Call</th>
            <th scope="col" class="wide-only">
              Recorded
            </th>
            <th scope="col" class="wide-only number">
              Length
            </th>
            <th scope="col" class="wide-only">
              SID
            </th>
            <th scope="col">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.recordings.map((recording) => (
            <RecordingRow key={recording.sid} recording={recording} onAction={onAction} />
          ))}
        </tbody>
      </table>
      <Pages shown={shown} />
    </section>
  );
}

function Pages({ shown }: { readonly shown: Page }) {
  const number = shown.cursors.length;
  const isOnly = number === 1 && shown.nextCursor === null;
  return (
    <nav class="pages" aria-label="Pages">
      <p role="status">
        {isLoading.value && <Spinner />}
        {isOnly ? toCount(shown.recordings.length) : `Page ${number}, ${toCount(shown.recordings.length)}`}
      </p>
      {!isOnly && (
        <div class="button-row">
          <button type="button" class="button" disabled={number === 1} onClick={() => showPrevious(shown)}>
            <PreviousIcon />
            Previous
          </button>
          <button
            type="button"
            class="button"
            disabled={shown.nextCursor === null}
            onClick={() => showNext(shown)}
          >
            Next
            <NextIcon />
          </button>
        </div>
      )}
    </nav>
  );
}

function toCount(count: number): string {
  return count === 1 ? '1 recording' : `${count} recordings`;
}

function Waiting() {
  return (
    <div class="blank" role="status">
      <Spinner />
      <p>Asking for the list…</p>
    </div>
  );
}

function Unasked() {
  return (
    <div class="blank">
      <WaveIcon />
      <h2>Whose recordings?</h2>
      <p>Choose what recorded the calls, and its ID.</p>
    </div>
  );
}

function Nothing({ shown, onUpload }: { readonly shown: Page; readonly onUpload: () => void }) {
  const { type, id, from, to } = shown.query;
  return (
    <div class="blank">
      <WaveIcon />
      <h2>No recordings</h2>
      <p role="status">
        {type} {id} has none{from || to ? ' on these days. Widen the dates to see more.' : '.'}
      </p>
      <button type="button" class="button" onClick={onUpload}>
        Upload one
      </button>
    </div>
  );
}
