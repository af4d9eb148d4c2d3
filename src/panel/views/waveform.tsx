/** A slider with the waveform behind it; without one, a plain slider. */
import { useEffect, useRef } from 'preact/hooks';
import { toLength } from '../format.ts';
import { theme } from '../theme.ts';

export interface WaveformProps {
  /** From 0 to 1, equally spaced; null while unknown. */
  readonly levels: Float32Array | null;
  /** In seconds. */
  readonly time: number;
  readonly duration: number;
  readonly onSeek: (seconds: number) => void;
}

export function Waveform({ levels, time, duration, onSeek }: WaveformProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const share = duration > 0 ? Math.min(time / duration, 1) : 0;
  const shown = theme.value;

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const redraw = () => draw(element, levels, share);
    redraw();
    const observer = new ResizeObserver(redraw);
    observer.observe(element);
    return () => observer.disconnect();
  }, [levels, share, shown]);

  return (
    <div class="waveform">
      <canvas ref={canvas} />
      <input
        type="range"
        aria-label="Position"
        aria-valuetext={`${toLength(time)} of ${toLength(duration)}`}
        min={0}
        max={Math.max(duration, 0.1)}
        step={duration > 60 ? 1 : 0.1}
        value={time}
        onInput={(event) => onSeek(Number(event.currentTarget.value))}
      />
    </div>
  );
}

/** In CSS pixels. */
const barWidth = 2;
const barGap = 1;

function draw(canvas: HTMLCanvasElement, levels: Float32Array | null, share: number): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const density = devicePixelRatio;
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(density, density);
  const style = getComputedStyle(canvas);
  const [played, toCome] = [style.color, style.borderBottomColor];
  const bars = Math.floor(width / (barWidth + barGap));
  for (let bar = 0; bar < bars; bar++) {
    const level = levels ? loudest(levels, bar / bars, (bar + 1) / bars) : 0;
    // The square root keeps quiet speech visible beside a loud ring.
    const tall = Math.max(2, Math.sqrt(level) * (height - 4));
    context.fillStyle = bar / bars < share ? played : toCome;
    context.fillRect(bar * (barWidth + barGap), (height - tall) / 2, barWidth, tall);
  }
}

function loudest(levels: Float32Array, from: number, to: number): number {
  const start = Math.floor(from * levels.length);
  const end = Math.max(start + 1, Math.floor(to * levels.length));
  return levels.subarray(start, end).reduce((a, b) => Math.max(a, b), 0);
}
