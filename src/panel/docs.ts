/** `/docs`: Scalar's reference over the served document, with nothing of it that would ask another host. */
import './styles/docs.css';
import { loadConfig } from './config.ts';

interface Scalar {
  createApiReference(target: string, configuration: Readonly<Record<string, unknown>>): unknown;
}

const { Scalar } = globalThis as unknown as { readonly Scalar: Scalar };

const demo = await loadConfig().then(
  (config) => config.demo,
  () => null,
);

Scalar.createApiReference('#reference', {
  url: new URL('openapi.json', location.href).href,
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
  // An emulator's keys are filled in here as they are in the panel.
  authentication: {
    preferredSecurityScheme: 'basic',
    ...(demo && {
      securitySchemes: { basic: { username: demo.access_key, password: demo.secret_access_key } },
    }),
  },
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  theme: 'default',
});
