/** Decides when to read the whole audio for its waveform. */
import { useEffect, useState } from 'preact/hooks';
import { loggedFetch } from '../exchanges.ts';
import { toSize } from '../format.ts';
import type { Playing } from '../playing.ts';
import { readPeaks } from '../wav-peaks.ts';

/** In bytes: a quarter of an hour at 8,000 two-byte samples per second. Longer audio is read only on request. */
const freely = 14_400_000;

const buckets = 400;

export interface Outline {
  readonly levels: Float32Array | null;
  /** The size of a waveform that was not read automatically. */
  readonly offer: { readonly size: string; readonly draw: () => void } | null;
}

export function usePeaks({
  source,
  whole,
  choice,
  recording,
}: Extract<Playing, { state: 'ready' }>): Outline {
  const [levels, setLevels] = useState<Float32Array | null>(null);
  const [isWanted, setWanted] = useState(false);
  const [size, setSize] = useState<number | null>((recording.duration_seconds ?? 0) * choice.rate * 2);
  const isFree = size !== null && size <= freely;

  useEffect(() => {
    if (choice.format !== 'wav' || !(isFree || isWanted)) return;
    const left = new AbortController();
    const read = async () => {
      const { body, total } = whole ? { body: whole.stream(), total: whole.size } : await ask(left.signal);
      if (!body) return;
      if (total !== null && total > freely && !isWanted) {
        await body.cancel();
        setSize(total);
        return;
      }
      const peaks = await readPeaks(body, { buckets, total });
      if (!left.signal.aborted) setLevels(peaks?.levels ?? null);
    };
    const ask = async (signal: AbortSignal) => {
      const response = await loggedFetch(source, { credentials: 'omit', signal });
      const total = Number(response.headers.get('Content-Length')) || null;
      return { body: response.ok ? response.body : null, total };
    };
    // The player works without a waveform; the log shows the error.
    read().catch(() => {});
    return () => left.abort();
  }, [source, whole, choice.format, isFree, isWanted]);

  const isOffered = choice.format === 'wav' && !isFree && !isWanted && size !== null;
  return { levels, offer: isOffered ? { size: toSize(size), draw: () => setWanted(true) } : null };
}
