/** `/docs`: Scalar's reference over the served document, with nothing of it that would ask another host. */
import './styles/docs.css';

interface Scalar {
  createApiReference(target: string, configuration: Readonly<Record<string, unknown>>): unknown;
}

const { Scalar } = globalThis as unknown as { readonly Scalar: Scalar };

Scalar.createApiReference('#reference', {
  url: '/openapi.json',
  // Without a cookie or a remembered password: on a refused key the browser would ask for one in a dialog of its own.
  customFetch: (input: RequestInfo | URL, init?: RequestInit) =>
    fetch(input, { ...init, credentials: 'omit' }),
  proxyUrl: '',
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
  persistAuth: false,
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  theme: 'default',
});
