/** Whether the sizes that a WAV states of itself agree with how long it is. */

/** Bytes from the start that are looked at: iOS pads its header to 4 KiB, broadcasters put a page of text before the sound. */
export const wavHeaderLength = 16 * 1024;

/**
 * What the header says that is not so, or null. `head` are the first bytes, `length` is that of the whole.
 *
 * The RIFF chunk has to end where the body does, give or take its pad byte; every chunk that begins within `head` has
 * to end inside it; and a `fmt ` chunk has to come before `data`. A RIFF or data size of 0, or of 2 GiB less 4 KiB and
 * more, is what recorders write that cannot go back to fill it in: it says nothing and is not held against the file.
 */
export function findSizeFault(head: Uint8Array, length: number): string | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const stated = view.getUint32(4, true);
  const end = isUnknown(stated) ? length : stated + 8;
  if (end > length) return `its header promises ${end} bytes and there are ${length}`;
  if (length - end > 1) return `its header ends it after ${end} bytes and there are ${length}`;
  return findChunkFault(view, end);
}

function findChunkFault(view: DataView, end: number): string | null {
  let hasFormat = false;
  for (let at = 12; at + 8 <= Math.min(view.byteLength, end); ) {
    const id = readId(view, at);
    const size = view.getUint32(at + 4, true);
    if (id === null) return `there is no chunk at byte ${at}, where its header says that one begins`;
    if (id === 'data' && !hasFormat) return 'it has no fmt chunk before its data';
    if (id === 'data' && isUnknown(size)) return null;
    hasFormat ||= id === 'fmt ';
    const chunkEnd = at + 8 + size;
    if (chunkEnd > end) return `its ${id.trim()} chunk promises ${size} bytes and there are ${end - at - 8}`;
    at = chunkEnd + (size % 2);
  }
  return null;
}

/** Four printable characters of ASCII; null where there is something else. */
function readId(view: DataView, at: number): string | null {
  const id = String.fromCharCode(...Array.from({ length: 4 }, (_, index) => view.getUint8(at + index)));
  return /^[\x20-\x7e]{4}$/.test(id) ? id : null;
}

function isUnknown(size: number): boolean {
  return size === 0 || size >= 0x7fff_f000;
}
