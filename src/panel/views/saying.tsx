/** Where what has happened is said. The region stays, so that screen readers know of it before it speaks. */
import { saying } from '../say.ts';

export function Saying() {
  return (
    <div class="saying" role="status">
      {saying.value && <p key={saying.value.id}>{saying.value.text}</p>}
    </div>
  );
}
