/** One page of recordings. It is a table at any width; on a phone it has fewer columns with more in each. */
import { useRef } from 'preact/hooks';
import type { Recording } from '../../../clients/typescript/src/index.ts';
import { isLoading, listError, type Page, page, showNext, showPrevious } from '../list.ts';
import { NextIcon, PreviousIcon, Spinner, WaveIcon } from './icons.tsx';
import { type RecordingAction, RecordingRow } from './recording-row.tsx';
import { UploadButton } from './upload-button.tsx';

export interface RecordingTableProps {
  readonly onAction: (action: RecordingAction, recording: Recording) => void;
  readonly onUpload: () => void;
}

export function RecordingTable(props: RecordingTableProps) {
  return (
    <>
      {/* Stays while its content changes, so that screen readers know the region before it speaks. */}
      <p class="unseen" role="status">
        {toStatus(page.value)}
      </p>
      <Shown {...props} />
    </>
  );
}

function Shown({ onAction, onUpload }: RecordingTableProps) {
  const section = useRef<HTMLElement>(null);
  const shown = page.value;
  if (!shown) {
    if (listError.value) return null;
    return isLoading.value ? <Waiting /> : <Unasked />;
  }
  if (shown.recordings.length === 0)
    return isLoading.value ? <Waiting /> : <Nothing shown={shown} onUpload={onUpload} />;
  // Continue at the top of the new page, and not at the button.
  const turn = async (turned: Promise<void>) => {
    await turned;
    section.current?.scrollIntoView();
    section.current?.focus({ preventScroll: true });
  };
  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-busy={isLoading.value}
      class="list"
      aria-label="Recordings found"
    >
      <table>
        <caption class="unseen">
          Recordings of {shown.query.type} {shown.query.id}
        </caption>
        <thead>
          <tr>
            <th scope="col" class="of-play">
              <span class="unseen">Play</span>
            </th>
            <th scope="col">Call</th>
            <th scope="col" class="wide-only">
              Recorded
            </th>
            <th scope="col" class="wide-only number">
              Length
            </th>
            <th scope="col">SID</th>
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
      <Pages shown={shown} onTurn={turn} />
    </section>
  );
}

interface PagesProps {
  readonly shown: Page;
  readonly onTurn: (turned: Promise<void>) => void;
}

function Pages({ shown, onTurn }: PagesProps) {
  const number = shown.cursors.length;
  const isOnly = number === 1 && shown.nextCursor === null;
  return (
    <nav class="pages" aria-label="Pages">
      <p>
        {isLoading.value && <Spinner />}
        {isOnly ? toCount(shown.recordings.length) : `Page ${number}, ${toCount(shown.recordings.length)}`}
      </p>
      {!isOnly && (
        <div class="button-row">
          <button
            type="button"
            class="button"
            disabled={number === 1}
            onClick={() => onTurn(showPrevious(shown))}
          >
            <PreviousIcon />
            Previous
          </button>
          <button
            type="button"
            class="button"
            disabled={shown.nextCursor === null}
            onClick={() => onTurn(showNext(shown))}
          >
            Next
            <NextIcon />
          </button>
        </div>
      )}
    </nav>
  );
}

function toStatus(shown: Page | null): string {
  if (isLoading.value) return 'The list is loading';
  if (!shown) return '';
  const { recordings, query, cursors } = shown;
  if (recordings.length === 0) return 'The list is empty';
  const number = cursors.length > 1 ? `, page ${cursors.length}` : '';
  return `${toCount(recordings.length)} of ${query.type} ${query.id}${number}`;
}

function toCount(count: number): string {
  return count === 1 ? '1 recording' : `${count} recordings`;
}

function Waiting() {
  return (
    <div class="blank">
      <Spinner />
      <p>Loading the list…</p>
    </div>
  );
}

function Unasked() {
  return (
    <div class="blank">
      <WaveIcon />
      <h2>Whose recordings?</h2>
      <p>Choose the resource that recorded the calls, and its ID.</p>
    </div>
  );
}

function Nothing({ shown, onUpload }: { readonly shown: Page; readonly onUpload: () => void }) {
  const { type, id, from, to } = shown.query;
  return (
    <div class="blank">
      <WaveIcon />
      <h2>No recordings</h2>
      <p>
        {type} {id} has none{from || to ? ' on these days. Widen the dates to see more.' : '.'}
      </p>
      <UploadButton label="Upload one" onClick={onUpload} />
    </div>
  );
}
