/** The way between the panel's views. */
import { isAsked, page } from '../list.ts';
import { exportsAddress, openView, type View, view } from '../view.ts';

const names: Readonly<Record<View, string>> = { recordings: 'Recordings', exports: 'Exports' };

export function ViewTabs() {
  const addresses = { recordings: toListAddress(), exports: exportsAddress };
  return (
    <nav class="views" aria-label="Views">
      {(['recordings', 'exports'] as const).map((name) => (
        <a
          key={name}
          href={`panel${addresses[name]}`}
          aria-current={view.value === name ? 'page' : undefined}
          onClick={(event) => {
            // A new tab has its own sign-in.
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            openView(name, addresses[name]);
          }}
        >
          {names[name]}
        </a>
      ))}
    </nav>
  );
}

/** That of the list on screen, to come back to. */
function toListAddress(): string {
  const query = page.value?.query;
  if (!query || !isAsked(query)) return '';
  return `?${new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''))}`;
}
