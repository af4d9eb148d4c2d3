/** `/docs`: Scalar's reference of the served document, configured to contact no other host. */
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
  // Omits cookies and remembered passwords: on rejected keys, the browser would open its own password dialog.
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
  // Fills in an emulator's keys, as the panel does.
  authentication: {
    preferredSecurityScheme: 'basic',
    ...(demo && {
      securitySchemes: { basic: { username: demo.access_key, password: demo.secret_access_key } },
    }),
  },
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  theme: 'default',
});
