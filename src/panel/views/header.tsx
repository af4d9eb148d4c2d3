/** The header: whether the data is live, who is signed in, and a link to the reference. */
import type { PanelConfig } from '../config.ts';
import { forget } from '../list.ts';
import { stop } from '../playing.ts';
import { expiresAt, isSignedIn, signedInAs, signOut } from '../session.ts';
import { nextTheme, theme } from '../theme.ts';
import { MoonIcon, SunIcon, SystemIcon, WarningIcon, WaveIcon } from './icons.tsx';

const themeIcons = { system: SystemIcon, light: SunIcon, dark: MoonIcon };

export function Header({ config }: { readonly config: PanelConfig }) {
  const ThemeIcon = themeIcons[theme.value];
  const leave = () => {
    stop();
    forget();
    signOut();
    // The pressed button was removed.
    document.getElementById('main')?.focus();
  };
  return (
    <header class="top">
      <div class="bar">
        <a class="brand" href="panel" aria-label="Recordings panel">
          <span class="mark">
            <WaveIcon />
          </span>
          <span class="brand-name">Recordings</span>
        </a>
        <nav aria-label="Gateway">
          <a href="docs">API reference</a>
        </nav>
        <div class="bar-end">
          {isSignedIn.value && (
            <>
              <span class="who">
                <span class="who-name">{signedInAs}</span>
                {expiresAt.value && <small>until {clock.format(expiresAt.value)}</small>}
              </span>
              <button type="button" class="button quiet" onClick={leave}>
                Sign out
              </button>
            </>
          )}
          <button
            type="button"
            class="icon-button"
            aria-label={`Theme: ${theme.value}`}
            title={`Theme: ${theme.value}`}
            onClick={nextTheme}
          >
            <ThemeIcon />
          </button>
        </div>
      </div>
      <Environment live={config.live} />
    </header>
  );
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

function Environment({ live }: { readonly live: boolean }) {
  return live ? (
    <p class="environment live">
      <WarningIcon />
      <span>
        <strong>Live data.</strong> What you upload or delete here is a customer’s.
      </span>
    </p>
  ) : (
    <p class="environment emulator">
      <span class="dot" aria-hidden="true" />
      <span>
        <strong>Emulator.</strong> Nothing here is real; try anything.
      </span>
    </p>
  );
}
