/** The search form: the resource whose recordings to list, and the days. */
import { useEffect, useState } from 'preact/hooks';
import { readQuery, writeQuery } from '../address.ts';
import { forget, isAsked, isLoading, type Query, showFirst } from '../list.ts';
import { recordingTypes } from '../resource-types.ts';
import { SearchIcon } from './icons.tsx';
import { TypeField } from './type-field.tsx';

const blank: Query = { type: 'findme', id: '', from: '', to: '' };

export function SearchForm({ start }: { readonly start: Query | null }) {
  const [query, setQuery] = useState<Query>(start ?? blank);
  useEffect(() => {
    const follow = () => {
      const wanted = readQuery(location.href) ?? start;
      setQuery(wanted ?? blank);
      if (!wanted) forget();
      // A jump within the page is also a history entry.
      else if (!isAsked(wanted)) void showFirst(wanted);
    };
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, [start]);
  const set = (change: Partial<Query>) => setQuery({ ...query, ...change });
  const submit = (event: Event) => {
    event.preventDefault();
    writeQuery(query);
    void showFirst(query);
  };
  return (
    <form class="search-form" onSubmit={submit} aria-label="Which recordings">
      <TypeField types={recordingTypes} value={query.type} onChange={(type) => set({ type })} />
      <label class="field">
        <span>ID</span>
        <input
          required
          inputMode="numeric"
          autocomplete="off"
          placeholder="1234"
          value={query.id}
          onInput={(event) => set({ id: event.currentTarget.value.trim() })}
        />
      </label>
      <label class="field">
        <span>From</span>
        <input type="date" value={query.from} onInput={(event) => set({ from: event.currentTarget.value })} />
      </label>
      <label class="field">
        <span>To</span>
        <input type="date" value={query.to} onInput={(event) => set({ to: event.currentTarget.value })} />
      </label>
      <button type="submit" class="button primary" aria-busy={isLoading.value}>
        <SearchIcon />
        Show
      </button>
    </form>
  );
}
