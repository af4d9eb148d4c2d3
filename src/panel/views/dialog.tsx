/** A modal dialog: the browser's own, which traps the focus, closes on Escape and returns the focus. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { CloseIcon } from './icons.tsx';
import { ToastRegion } from './toast-region.tsx';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** Receives a function that closes the dialog. */
  readonly children: (close: () => void) => ComponentChildren;
}

export function Dialog({ title, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const close = () => ref.current?.close();
  useEffect(() => ref.current?.showModal(), []);
  return (
    <dialog ref={ref} aria-labelledby={titleId} onClose={onClose}>
      <header>
        <h2 id={titleId}>{title}</h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={close}>
          <CloseIcon />
        </button>
      </header>
      {children(close)}
      {/* The browser dims the content outside a modal dialog and hides it from screen readers. */}
      <ToastRegion />
    </dialog>
  );
}
