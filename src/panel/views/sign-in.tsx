/** The sign-in form: an account's keys, or a token. */
import { useState } from 'preact/hooks';
import { refusal } from '../access.ts';
import type { ApiError } from '../api-error.ts';
import type { PanelConfig } from '../config.ts';
import { signedInWith, signInWithKeys, signInWithToken } from '../session.ts';
import { BusyButton } from './busy-button.tsx';
import { ErrorNotice } from './error-notice.tsx';

export function SignIn({ config }: { readonly config: PanelConfig }) {
  const [chosen, setWay] = useState<'keys' | 'token'>(signedInWith.peek());
  const way = config.account_keys ? chosen : 'token';
  const refused = refusal.value;
  return (
    <section class="sign-in" aria-labelledby="sign-in-title">
      <h1 id="sign-in-title">Sign in</h1>
      <p class="lead">Find, hear, upload and delete call recordings.</p>
      {refused && (
        <ErrorNotice error={{ ...refused, title: 'Signed out' }}>
          <p>Sign in again to continue.</p>
        </ErrorNotice>
      )}
      {config.account_keys && (
        <fieldset class="segments">
          <legend>Sign in with</legend>
          {(['keys', 'token'] as const).map((name) => (
            <label key={name}>
              <input type="radio" name="way" checked={way === name} onChange={() => setWay(name)} />
              <span>{name === 'keys' ? 'Account keys' : 'A token'}</span>
            </label>
          ))}
        </fieldset>
      )}
      {way === 'keys' ? <KeysForm config={config} /> : <TokenForm config={config} />}
    </section>
  );
}

function KeysForm({ config }: { readonly config: PanelConfig }) {
  const [accessKey, setAccessKey] = useState(config.demo?.access_key ?? '');
  const [secretAccessKey, setSecretAccessKey] = useState(config.demo?.secret_access_key ?? '');
  const [error, setError] = useState<ApiError | null>(null);
  const [isBusy, setBusy] = useState(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    setError(
      await signInWithKeys({ accessKey: accessKey.trim(), secretAccessKey: secretAccessKey.trim() }, config),
    );
    setBusy(false);
  };

  return (
    <form onSubmit={submit}>
      <label class="field">
        <span>Access key</span>
        <input
          required
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={accessKey}
          onInput={(event) => setAccessKey(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>Secret access key</span>
        <input
          required
          type="password"
          autocomplete="off"
          value={secretAccessKey}
          onInput={(event) => setSecretAccessKey(event.currentTarget.value)}
        />
      </label>
      {error && <ErrorNotice error={error} />}
      <BusyButton kind="primary wide" isBusy={isBusy}>
        Sign in
      </BusyButton>
      <p class="hint">
        {config.demo && 'These are the emulator’s keys, filled in for you. '}
        {config.tokens
          ? 'The keys are exchanged for a token that lasts an hour, and forgotten at once.'
          : 'This gateway issues no tokens, so the keys stay in this page’s memory until you leave it.'}
      </p>
    </form>
  );
}

function TokenForm({ config }: { readonly config: PanelConfig }) {
  const [token, setToken] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    signInWithToken(token.trim(), config);
  };
  return (
    <form onSubmit={submit}>
      <label class="field">
        <span>Access token</span>
        <textarea
          required
          rows={4}
          autocomplete="off"
          spellcheck={false}
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button primary wide">
        Sign in
      </button>
      <p class="hint">
        {config.account_keys
          ? 'From POST /oauth/token, or from your own identity provider.'
          : 'From your identity provider: this gateway accepts no account keys.'}{' '}
        It stays in this page’s memory.
      </p>
    </form>
  );
}
