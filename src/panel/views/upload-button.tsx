/** Opens the upload dialog, if the token allows uploads. */
import { missingScope } from '../access.ts';
import { toast } from '../toast.ts';
import { UploadIcon } from './icons.tsx';

export interface UploadButtonProps {
  readonly label: string;
  readonly onClick: () => void;
}

export function UploadButton({ label, onClick }: UploadButtonProps) {
  const barrier = missingScope('uploads:write');
  return (
    <button
      type="button"
      class="button"
      aria-disabled={barrier !== null}
      title={barrier ?? undefined}
      onClick={() => (barrier ? toast(barrier) : onClick())}
    >
      <UploadIcon />
      {label}
    </button>
  );
}
