/**
 * Decorates a legacy source: audio streamed in full fills the cache on its way, and a far jump fills it in the
 * background.
 */
import type { LegacyDownload } from '../../legacy/response/download.ts';
import type { LegacySource } from '../legacy-source.ts';
import type { AudioSource } from '../source.ts';
import type { CacheFill } from './audio-cache.ts';

/** `download` asks the legacy service for the whole recording. */
export function cached(
  source: LegacySource,
  fill: CacheFill,
  download: () => Promise<LegacyDownload>,
): AudioSource {
  const lengthBytes = 'length' in source.extent ? source.extent.length : null;
  return {
    ...source,
    async open(range) {
      // A player that jumps far into a recording is likely to do so again.
      if (source.skips(range)) fill.inBackground(download);
      const stream = await source.open(range);
      const isWhole = range === null || (range.start === 0 && range.end === lengthBytes);
      return isWhole ? fill.whilePassing(stream, lengthBytes, source.isIntact) : stream;
    },
  };
}
