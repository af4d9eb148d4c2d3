/** The theme: light, dark, or the system's. It is the only setting that the panel stores. */
import { signal } from '@preact/signals';

const themes = ['system', 'light', 'dark'] as const;

export type Theme = (typeof themes)[number];

const storageKey = 'recordings-panel-theme';

export const theme = signal<Theme>(readTheme());

export function nextTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system';
  applyTheme();
  try {
    localStorage.setItem(storageKey, theme.value);
  } catch {
    // Without storage, the theme lasts as long as the page.
  }
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = theme.value;
}

function readTheme(): Theme {
  try {
    const stored = localStorage.getItem(storageKey);
    return themes.find((name) => name === stored) ?? 'system';
  } catch {
    return 'system';
  }
}
