/** The whole page. */
import { useEffect } from 'preact/hooks';
import { readQuery } from '../address.ts';
import type { PanelConfig } from '../config.ts';
import { type Query, showFirst } from '../list.ts';
import { isSignedIn } from '../session.ts';
import { Header } from './header.tsx';
import { Library } from './library.tsx';
import { Player } from './player.tsx';
import { RequestLog } from './request-log.tsx';
import { SignIn } from './sign-in.tsx';
import { ToastRegion } from './toast-region.tsx';

/** An example from the vendor's page, which the emulator serves. */
const demoQuery: Query = { type: 'findme', id: '1234', from: '', to: '' };

export function Panel({ config }: { readonly config: PanelConfig }) {
  const start = readQuery(location.href) ?? (config.demo && demoQuery);
  const signedIn = isSignedIn.value;

  useEffect(() => {
    if (signedIn && start) void showFirst(start);
  }, [signedIn]);

  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header config={config} />
      <div class="columns">
        <main id="main" tabIndex={-1}>
          {signedIn ? <Library config={config} start={start} /> : <SignIn config={config} />}
        </main>
        <RequestLog />
      </div>
      <Player />
      <ToastRegion />
    </>
  );
}

export function Failed() {
  return (
    <main id="main" class="failed">
      <h1>The gateway does not respond</h1>
      <p>Check your connection, and that the gateway is running. Then open this page again.</p>
    </main>
  );
}
