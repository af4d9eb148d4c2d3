/** The whole page. */
import { useEffect } from 'preact/hooks';
import { readQuery } from '../address.ts';
import type { PanelConfig } from '../config.ts';
import { isAsked, page, type Query, showFirst } from '../list.ts';
import { isSignedIn } from '../session.ts';
import { readView, view } from '../view.ts';
import { Exports } from './exports.tsx';
import { Header } from './header.tsx';
import { Library } from './library.tsx';
import { Player } from './player.tsx';
import { RequestLog } from './request-log.tsx';
import { SignIn } from './sign-in.tsx';
import { ToastRegion } from './toast-region.tsx';
import { ViewTabs } from './view-tabs.tsx';

/** An example from the vendor's page, which the emulator serves. */
const demoQuery: Query = { type: 'findme', id: '1234', from: '', to: '' };

export function Panel({ config }: { readonly config: PanelConfig }) {
  const start = readQuery(location.href) ?? (config.demo && demoQuery);
  const signedIn = isSignedIn.value;

  useEffect(() => {
    if (signedIn && start) void showFirst(start);
  }, [signedIn]);
  useEffect(() => {
    const follow = () => {
      view.value = readView(location.href);
      const wanted = readQuery(location.href);
      if (isSignedIn.peek() && wanted && !isAsked(wanted)) void showFirst(wanted);
    };
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);

  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header config={config} />
      <div class="columns">
        <main id="main" tabIndex={-1}>
          {signedIn && config.exports && <ViewTabs />}
          {signedIn ? <Shown config={config} start={start} /> : <SignIn config={config} />}
        </main>
        <RequestLog />
      </div>
      <Player />
      <ToastRegion />
    </>
  );
}

function Shown({ config, start }: { readonly config: PanelConfig; readonly start: Query | null }) {
  return view.value === 'exports' && config.exports ? (
    <Exports config={config} query={page.value?.query ?? start} />
  ) : (
    <Library config={config} start={start} />
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
