import type { Calls } from './control/calls.js';
import type { Faults } from './control/faults.js';
import type { Passwords } from './passwords/passwords.js';
import type { Tenant } from './tenant/tenant.js';
import type { Webhooks } from './webhooks/webhooks.js';

/** What every part of dev-logto is given: the tenant, the address it is served at, and the shared services. */
export interface Context {
  tenant: Tenant;
  /** Where it is served, without a trailing slash. The issuer is `<endpoint>/oidc`. */
  endpoint: string;
  /** Algorithm of new signing keys. */
  idTokenSigning: 'ES384' | 'RS256';
  /** Seconds that an access token lives, when not the resource's own. */
  accessTokenTtl?: number;
  passwords: Passwords;
  generateCode: () => string;
  /** Passes between Logto's reading of a row and its writing. */
  raceWindow: () => Promise<void>;
  faults: Faults;
  calls: Calls;
  webhooks: Webhooks;
  /** Back to the seed. Signing keys stay, so that a service that has fetched them need not notice. */
  reset: () => Promise<void>;
}
