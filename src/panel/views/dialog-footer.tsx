/** The two buttons at the end of a dialog: one leaves it, the other acts. */
import { BusyButton, type BusyButtonProps } from './busy-button.tsx';

export interface DialogFooterProps extends BusyButtonProps {
  /** The text of the button that leaves; `Cancel` by default. */
  readonly leave?: string;
  readonly onLeave: () => void;
}

export function DialogFooter({ leave = 'Cancel', onLeave, ...action }: DialogFooterProps) {
  return (
    <footer>
      <button type="button" class="button" onClick={onLeave}>
        {leave}
      </button>
      <BusyButton {...action} />
    </footer>
  );
}
