/** `recording.upload`: the vendor fetches the path, and returns no identifier. */
import { type Answer, succeeded } from '../answer.ts';
import { observedUploadTypes, types } from '../parameters.ts';
import { toMinutes } from '../recording.ts';
import { fetchAudio, type StoredAudio } from '../vendor-fetch.ts';
import { type Action, type ActionContext, invalid, isInteger } from './action.ts';

export const upload: Action = {
  required: (parameters) => {
    const needsNoId = observedUploadTypes.get(parameters.get('type') ?? '') === false;
    return needsNoId ? ['path', 'type'] : ['id', 'path', 'type'];
  },
  async answer({ account, parameters, vendor }: ActionContext): Promise<Answer> {
    const type = parameters.get('type') ?? '';
    const id = parameters.get('id') || null;
    const path = parameters.get('path') ?? '';
    if (!observedUploadTypes.has(type) && !types.some((known) => known === type)) return invalid('type');
    if (id !== null && !isInteger(id)) return invalid('id');
    const isUrl = /^https?:\/\//i.test(path);
    const content = isUrl ? await fetchAudio(path, vendor.fetchPath) : null;
    if (isUrl && content === null) return invalid('path');
    const stored = { path, type, id, content };
    account.uploads.push(stored);
    const seconds = content === null ? 4 : secondsOf(content);
    account.add(type, id ?? '', {
      sid: vendor.nextSid(),
      dnis: '',
      number_connected: '',
      // For an MP3 the vendor would have to read every frame.
      minutes: seconds === null ? '' : toMinutes(seconds),
      date: toWallClock(vendor.now(), vendor.timeZone),
      seconds: seconds ?? 4,
      upload: stored,
    });
    return succeeded('File uploaded');
  },
};

function secondsOf({ format, bytes, length }: StoredAudio): number | null {
  if (format !== 'wav' || bytes === null || bytes.length < 44) return null;
  return (length - 44) / Math.max(1, new DataView(bytes.buffer, bytes.byteOffset).getUint32(28, true));
}

/** As 2026-11-23 21:52:10. */
function toWallClock(time: number, timeZone: string): string {
  return new Date(time).toLocaleString('sv-SE', { timeZone });
}
