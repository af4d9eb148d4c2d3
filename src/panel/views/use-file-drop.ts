/** Accepts files dropped anywhere on the page. */
import { useEffect, useState } from 'preact/hooks';

/** Whether a file is being dragged over the page. */
export function useFileDrop(onFile: (file: File) => void): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    // Entering a child element leaves its parent: only equal numbers of both mean that the file has left the page.
    let depth = 0;
    const hasFile = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files') ?? false;
    const listeners = {
      dragenter: (event: DragEvent) => {
        if (!hasFile(event) || document.querySelector('dialog[open]')) return;
        depth += 1;
        setOver(true);
      },
      dragleave: () => {
        depth = Math.max(0, depth - 1);
        if (depth === 0) setOver(false);
      },
      // Without it, the browser would navigate to the file.
      dragover: (event: DragEvent) => hasFile(event) && event.preventDefault(),
      drop: (event: DragEvent) => {
        if (!hasFile(event)) return;
        event.preventDefault();
        depth = 0;
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (file && !document.querySelector('dialog[open]')) onFile(file);
      },
    };
    for (const [name, listen] of Object.entries(listeners)) addEventListener(name, listen as EventListener);
    return () => {
      for (const [name, listen] of Object.entries(listeners))
        removeEventListener(name, listen as EventListener);
    };
  }, [onFile]);
  return isOver;
}
