/** Dependencies of every resource: the services, the application to add routes to, and the security of operations. */
import type { Services } from '../services.ts';
import type { App } from './app-env.ts';
import type { Secured } from './secured.ts';

export interface Gateway extends Services {
  readonly app: App;
  readonly secured: Secured;
}
