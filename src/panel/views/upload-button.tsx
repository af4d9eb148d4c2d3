/** The way to upload something, where the token allows it. */
import { whyNot } from '../access.ts';
import { say } from '../say.ts';
import { UploadIcon } from './icons.tsx';

export interface UploadButtonProps {
  readonly words: string;
  readonly onClick: () => void;
}

export function UploadButton({ words, onClick }: UploadButtonProps) {
  const barrier = whyNot('uploads:write');
  return (
    <button
      type="button"
      class="button"
      aria-disabled={barrier !== null}
      title={barrier ?? undefined}
      onClick={() => (barrier ? say(barrier) : onClick())}
    >
      <UploadIcon />
      {words}
    </button>
  );
}
