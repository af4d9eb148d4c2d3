/** `recording.download`: the audio, or the reason why there is none. */
import { type Answer, failed } from '../answer.ts';
import type { AudioFormat } from '../audio.ts';
import type { AudioSwitches } from '../options.ts';
import type { AudioFile } from '../repeating.ts';
import { type Action, type ActionContext, invalid, notFound, processing } from './action.ts';

const lastModified = 'Wed, 20 Feb 2019 20:42:11 GMT';

export const download: Action = {
  required: () => ['sid'],
  answer({ account, parameters, vendor, headers }: ActionContext): Answer {
    const format = toFormat(parameters.get('format') || 'wav');
    const rate = Number(parameters.get('sample_rate') || 8000);
    if (format === null) return invalid('format');
    if (!Number.isInteger(rate) || rate < 1 || rate > 384_000) return invalid('sample_rate');
    const recording = account.find(parameters.get('sid') ?? '');
    if (recording === null) return notFound();
    if (recording.retrievalFails) return failed(404, 'Error in retrieving recording');
    return (
      processing(recording) ??
      serve(account.audio(recording.sid, format, rate), vendor.audio, headers.get('range'))
    );
  },
};

/** The page writes ".mp3 or .wav" in its notes and `mp3` in its example. */
export function toFormat(text: string): AudioFormat | null {
  const format = text.toLowerCase().replace(/^\./, '');
  return format === 'wav' || format === 'mp3' ? format : null;
}

function serve(file: AudioFile, switches: AudioSwitches, range: string | null): Answer {
  const type = switches.contentType === 'format' ? file.contentType : switches.contentType;
  const common = {
    ...(type === null ? {} : { 'content-type': type }),
    ...(switches.etag ? { etag: `"${file.length}"` } : {}),
    ...(switches.lastModified ? { 'last-modified': lastModified } : {}),
    ...(switches.ranges ? { 'accept-ranges': 'bytes' } : {}),
  };
  const [from, to] = (switches.ranges && parseRange(range, file.length)) || [0, file.length];
  const partial = to - from < file.length;
  return {
    status: partial ? 206 : 200,
    headers: { ...common, ...(partial ? { 'content-range': `bytes ${from}-${to - 1}/${file.length}` } : {}) },
    chunks: file.read(from, to),
    length: to - from,
    declared: switches.contentLength,
  };
}

/** Null to send the whole: without a range, or for one that is invalid or unsatisfiable. */
function parseRange(range: string | null, length: number): [number, number] | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === '' && last === '') return null;
  const from = first === '' ? Math.max(0, length - Number(last)) : Number(first);
  const to = first === '' || last === '' ? length : Math.min(length, Number(last) + 1);
  return from < to ? [from, to] : null;
}
