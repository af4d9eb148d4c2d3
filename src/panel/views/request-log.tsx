/** The panel's requests and their responses, to learn the API from. */
import { toCurl } from '../curl.ts';
import { type Exchange, exchanges } from '../exchanges.ts';
import { toast } from '../toast.ts';
import { CopyIcon, NextIcon } from './icons.tsx';

export function RequestLog() {
  const entries = exchanges.value;
  return (
    <aside class="log" aria-labelledby="log-title">
      <header>
        <h2 id="log-title">Requests</h2>
        {entries.length > 0 && (
          <button
            type="button"
            class="button small quiet"
            onClick={() => {
              exchanges.value = [];
            }}
          >
            Clear
          </button>
        )}
      </header>
      {entries.length === 0 ? (
        <p class="hint">The panel’s requests appear here, each with a curl command.</p>
      ) : (
        <ol>
          {entries.map((exchange) => (
            <li key={exchange.id}>
              <Entry exchange={exchange} />
            </li>
          ))}
        </ol>
      )}
    </aside>
  );
}

function Entry({ exchange }: { readonly exchange: Exchange }) {
  const { method, url, answer, failure, requestHeaders, requestBody, credentials } = exchange;
  const { pathname, search } = new URL(url);
  const curl = toCurl(exchange);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(curl);
      toast('The curl command is copied.');
    } catch {
      toast('This browser does not let the page copy. Select the command instead.');
    }
  };
  return (
    <details>
      <summary>
        <span class={`method ${method.toLowerCase()}`}>{method}</span>
        <Path pathname={pathname} search={search} />
        <span class={`status ${toTone(exchange)}`}>{answer?.status ?? (failure ? 'none' : '…')}</span>
        <span class="milliseconds">{answer && `${answer.milliseconds} ms`}</span>
        <NextIcon />
      </summary>
      <div class="entry">
        <div class="curl">
          <h3>curl</h3>
          <button type="button" class="button small" onClick={copy}>
            <CopyIcon />
            Copy
          </button>
          <Text>{curl}</Text>
        </div>
        <h3>Request</h3>
        <Text>
          {[
            `${method} ${pathname}${search}`,
            ...(credentials ? [`authorization: ${credentials} …`] : []),
            ...requestHeaders.map(([name, value]) => `${name}: ${value}`),
            ...(requestBody === null ? [] : ['', requestBody]),
          ].join('\n')}
        </Text>
        <h3>Response</h3>
        <Text>
          {answer
            ? [
                `HTTP ${answer.status}`,
                ...answer.headers.map(([name, value]) => `${name}: ${value}`),
                ...(answer.body ? ['', answer.body] : []),
              ].join('\n')
            : (failure ?? 'Not yet.')}
        </Text>
      </div>
    </details>
  );
}

/** If space is short, the identifier is truncated, since the rest of the path says more. */
function Path({ pathname, search }: Readonly<Record<'pathname' | 'search', string>>) {
  const [, before, sid, after] = /^(\/recordings\/)([^/]+)(.*)$/.exec(pathname) ?? [null, pathname];
  return (
    <span class="path">
      <span>{before}</span>
      {sid && <span class="identifier">{sid}</span>}
      {after && <span>{after}</span>}
      <span class="search">{search}</span>
    </span>
  );
}

/** Scrollable, and so focusable, by keyboard. */
function Text({ children }: { readonly children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable
    <pre tabIndex={0}>{children}</pre>
  );
}

function toTone({ answer, failure }: Exchange): string {
  if (!answer) return failure ? 'bad' : 'open';
  if (answer.status >= 400) return 'bad';
  return answer.status === 202 ? 'open' : 'good';
}
