/** A button for slow actions. It keeps the focus while busy, which a disabled button would lose. */
import type { ComponentChildren, ComponentType } from 'preact';
import { Spinner } from './icons.tsx';

export interface BusyButtonProps {
  readonly kind: 'primary' | 'primary wide' | 'danger';
  readonly isBusy: boolean;
  readonly isDisabled?: boolean;
  readonly Icon?: ComponentType;
  /** Without it, the button submits its form. */
  readonly onClick?: () => void;
  readonly children: ComponentChildren;
}

export function BusyButton({ kind, isBusy, isDisabled, Icon, onClick, children }: BusyButtonProps) {
  return (
    <button
      type={onClick ? 'button' : 'submit'}
      class={`button ${kind}`}
      disabled={isDisabled}
      aria-disabled={isBusy}
      onClick={(event) => {
        if (isBusy) event.preventDefault();
        else onClick?.();
      }}
    >
      {isBusy ? <Spinner /> : Icon && <Icon />}
      {children}
    </button>
  );
}
