/** The live region for toasts. It is always in the page, because screen readers ignore a region added with its text. */
import { shownToast } from '../toast.ts';

export function ToastRegion() {
  return (
    <div class="toast" role="status">
      {shownToast.value && <p key={shownToast.value.id}>{shownToast.value.text}</p>}
    </div>
  );
}
