/** Plays audio and shows its waveform. Uses ranges, so that it starts and seeks without the whole audio. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { unplayable, unreachable } from '../api-error.ts';
import { toLength } from '../format.ts';
import { giveUp, type Playing, play, renewSource } from '../playing.ts';
import { PauseIcon, PlayIcon } from './icons.tsx';
import { usePeaks } from './use-peaks.ts';
import { Waveform } from './waveform.tsx';

export interface AudioPlayerProps {
  readonly ready: Extract<Playing, { state: 'ready' }>;
}

export function AudioPlayer({ ready }: AudioPlayerProps) {
  const { recording, choice, source, expiresAt } = ready;
  const audio = useRef<HTMLAudioElement>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [time, setTime] = useState(0);
  const [duration, setDuration] = useState(recording.duration_seconds ?? 0);
  const outline = usePeaks(ready);

  useEffect(() => {
    // The browser may require another gesture before it plays; the button then stays ready.
    audio.current?.play().catch(() => setPlaying(false));
  }, []);

  const recover = async () => {
    const element = audio.current;
    if (!element) return;
    if (expiresAt && expiresAt.getTime() <= Date.now()) {
      const at = element.currentTime;
      const renewed = await renewSource(choice);
      if (!renewed) return;
      element.src = renewed;
      element.currentTime = at;
      await element.play().catch(() => setPlaying(false));
    } else if (element.error?.code === MediaError.MEDIA_ERR_NETWORK) giveUp(unreachable);
    // Telephony writes WAV with codecs that not every browser supports; all of them play MP3.
    else if (choice.format === 'wav') await play(recording, 'mp3');
    else giveUp(unplayable);
  };

  const toggle = () => (isPlaying ? audio.current?.pause() : audio.current?.play());
  const seek = (seconds: number) => {
    if (audio.current) audio.current.currentTime = seconds;
    setTime(seconds);
  };

  return (
    <>
      {/* biome-ignore lint/a11y/useMediaCaption: the calls have no transcripts */}
      <audio
        ref={audio}
        src={source}
        preload="auto"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onTimeUpdate={(event) => setTime(event.currentTarget.currentTime)}
        onDurationChange={(event) => {
          const { duration: seconds } = event.currentTarget;
          if (Number.isFinite(seconds)) setDuration(seconds);
        }}
        onError={() => void recover()}
      />
      <button
        type="button"
        class="icon-button play big"
        aria-label={isPlaying ? 'Pause' : 'Play'}
        onClick={toggle}
      >
        {isPlaying ? <PauseIcon /> : <PlayIcon />}
      </button>
      <span class="clock">{toLength(time)}</span>
      <Waveform levels={outline.levels} time={time} duration={duration} onSeek={seek} />
      <span class="clock">{toLength(duration)}</span>
      {outline.offer && (
        <button type="button" class="button small" onClick={outline.offer.draw}>
          Draw waveform ({outline.offer.size})
        </button>
      )}
    </>
  );
}
