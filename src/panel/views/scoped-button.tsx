/** A button for what a token may not allow: it stays in place, and says which scope is missing. */
import type { ComponentChildren } from 'preact';
import { missingScope } from '../access.ts';
import { toast } from '../toast.ts';

export interface ScopedButtonProps {
  readonly scope: string;
  readonly kind?: 'small' | 'small danger' | 'primary';
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}

export function ScopedButton({ scope, kind, onClick, children }: ScopedButtonProps) {
  const barrier = missingScope(scope);
  return (
    <button
      type="button"
      class={`button ${kind ?? ''}`}
      aria-disabled={barrier !== null}
      title={barrier ?? undefined}
      onClick={() => (barrier ? toast(barrier) : onClick())}
    >
      {children}
    </button>
  );
}
