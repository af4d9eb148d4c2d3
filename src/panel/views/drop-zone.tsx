/** A drop target for a file that is also a button to choose one. */
import { useState } from 'preact/hooks';
import { toSize } from '../format.ts';
import { UploadIcon, WaveIcon } from './icons.tsx';

export interface DropZoneProps {
  readonly file: File | null;
  readonly onFile: (file: File) => void;
}

export function DropZone({ file, onFile }: DropZoneProps) {
  const [isOver, setOver] = useState(false);
  const take = (files: FileList | null | undefined) => {
    const first = files?.[0];
    if (first) onFile(first);
  };
  return (
    <label
      class={isOver ? 'drop-zone over' : 'drop-zone'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <input
        type="file"
        class="unseen"
        accept=".wav,.mp3,audio/wav,audio/mpeg"
        onChange={(event) => take(event.currentTarget.files)}
      />
      {file ? (
        <>
          <WaveIcon />
          <strong>{file.name}</strong>
          <span>{toSize(file.size)}. Choose another, or drop it here.</span>
        </>
      ) : (
        <>
          <UploadIcon />
          <strong>Drop a WAV or MP3 here</strong>
          <span>or choose one</span>
        </>
      )}
    </label>
  );
}
