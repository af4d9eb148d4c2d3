/** The player at the foot of the page. */

import { toName, toPhone, toWhen } from '../format.ts';
import { play, playing, stop } from '../playing.ts';
import { AudioPlayer } from './audio-player.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { CloseIcon, Spinner } from './icons.tsx';

export function Player() {
  const now = playing.value;
  if (!now) return null;
  const { number_connected, date } = now.recording;
  const when = toWhen(date);
  return (
    <section class="player" aria-label={`Player: ${toName(now.recording)}`}>
      <div class="player-title">
        <strong>{toPhone(number_connected)}</strong>
        <span class="sub">
          {when.day} {when.time}
        </span>
      </div>
      <div class="player-body">
        {now.state === 'asking' && (
          <p class="player-wait">
            <Spinner /> Loading the audio…
          </p>
        )}
        {now.state === 'processing' && (
          <p class="player-wait">
            <Spinner /> Still being processed. It plays as soon as it is ready.
          </p>
        )}
        {now.state === 'failed' && <ErrorNotice error={now.error} onRetry={() => void play(now.recording)} />}
        {now.state === 'ready' && <AudioPlayer key={now.source} ready={now} />}
      </div>
      <button type="button" class="icon-button" aria-label="Close the player" onClick={stop}>
        <CloseIcon />
      </button>
    </section>
  );
}
