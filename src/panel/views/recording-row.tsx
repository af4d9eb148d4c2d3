/** One recording in the list. */
import type { Recording } from '../../../clients/typescript/src/index.ts';
import { missingScope } from '../access.ts';
import { toLength, toName, toPhone, toWhen } from '../format.ts';
import { play, playing } from '../playing.ts';
import { toast } from '../toast.ts';
import { DeleteIcon, DownloadIcon, LinkIcon, PlayIcon, Spinner, WaveIcon } from './icons.tsx';

export type RecordingAction = 'download' | 'link' | 'delete';

export interface RecordingRowProps {
  readonly recording: Recording;
  readonly onAction: (action: RecordingAction, recording: Recording) => void;
}

const actions = [
  { action: 'download', label: 'Download', scope: 'recordings:read', Icon: DownloadIcon },
  { action: 'link', label: 'Copy link to', scope: 'recordings:read', Icon: LinkIcon },
  { action: 'delete', label: 'Delete', scope: 'recordings:delete', Icon: DeleteIcon },
] as const;

export function RecordingRow({ recording, onAction }: RecordingRowProps) {
  const { sid, dnis, number_connected, duration_seconds, date, recorded_at } = recording;
  const state = playing.value?.recording.sid === sid ? playing.value.state : null;
  const when = toWhen(date);
  const name = toName(recording);
  return (
    <tr class={state ? 'current' : undefined}>
      <td class="of-play">
        <button
          type="button"
          class="icon-button play"
          aria-label={`Play ${name}`}
          aria-disabled={state === 'asking' || state === 'processing'}
          onClick={() => state !== 'asking' && state !== 'processing' && play(recording)}
        >
          <StateIcon state={state} />
        </button>
      </td>
      <th scope="row">
        <span class="first-line">
          <span class="number-connected">{toPhone(number_connected)}</span>
          <span class="sub number phone-only">{toLength(duration_seconds)}</span>
        </span>
        {dnis && <span class="sub">dialled {toPhone(dnis)}</span>}
        <span class="sub phone-only">
          {when.day} {when.time}
        </span>
        {state === 'processing' && <span class="badge">Still being processed</span>}
      </th>
      <td class="wide-only">
        <time
          class={when.time ? 'nowrap' : undefined}
          dateTime={recorded_at ?? undefined}
          title={date ?? undefined}
        >
          {when.day}
          <span class="sub">{when.time}</span>
        </time>
      </td>
      <td class="wide-only number">{toLength(duration_seconds)}</td>
      <td class="of-sid">
        <code class="sid">{sid}</code>
      </td>
      <td class="actions">
        {actions.map(({ action, label, scope, Icon }) => {
          const barrier = missingScope(scope);
          return (
            <button
              key={action}
              type="button"
              class={`icon-button ${action}`}
              aria-label={`${label} ${name}`}
              aria-disabled={barrier !== null}
              title={barrier ?? label}
              onClick={() => (barrier ? toast(barrier) : onAction(action, recording))}
            >
              <Icon />
            </button>
          );
        })}
      </td>
    </tr>
  );
}

function StateIcon({ state }: { readonly state: 'asking' | 'processing' | 'ready' | 'failed' | null }) {
  if (state === 'asking' || state === 'processing') return <Spinner />;
  return state === 'ready' ? <WaveIcon /> : <PlayIcon />;
}
