/** What every resource is given: the services, the application to add its routes to, and the security of an operation. */
import type { Services } from '../services.ts';
import type { App } from './app-env.ts';
import type { Secured } from './secured.ts';

export interface Gateway extends Services {
  readonly app: App;
  readonly secured: Secured;
}
