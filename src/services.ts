/** Config → Services: pure wiring; what differs by runtime comes in as the Platform. */
import { type Authenticate, createAuthenticate } from './auth/authenticate.ts';
import type { Config } from './config.ts';
import { createLegacyClient, type LegacyClient } from './legacy/client.ts';
import { createRecordedAt } from './legacy/recorded-at.ts';
import type { LegacyTransport } from './legacy/transport.ts';

/** What a runtime brings along. */
export interface Platform {
  readonly transport: LegacyTransport;
  /** One event, one line. */
  readonly log: (event: Readonly<Record<string, unknown>>) => void;
}

export interface Services {
  readonly legacy: LegacyClient;
  readonly authenticate: Authenticate;
  /** Whether any Bearer token can be good here. */
  readonly bearer: boolean;
  /** The legacy's wall-clock text as RFC 3339, or null. */
  readonly recordedAt: (date: string | null) => string | null;
  readonly log: Platform['log'];
}

export function createServices(config: Config, platform: Platform): Services {
  const { url, method, timeout, timeZone } = config.legacy;
  return {
    legacy: createLegacyClient({ url, method, timeout, transport: platform.transport }),
    authenticate: createAuthenticate({ tokens: null, identityProvider: null, links: null }),
    bearer: false,
    recordedAt: createRecordedAt(timeZone),
    log: platform.log,
  };
}
