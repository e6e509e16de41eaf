import type { CallCounter } from './control/call-counter.js';
import type { Faults } from './control/faults.js';
import type { Passwords } from './passwords/passwords.js';
import type { Tenant } from './tenant/tenant.js';
import type { Webhooks } from './webhooks/webhooks.js';

/** Dependencies shared by all parts of dev-logto. */
export interface Context {
  tenant: Tenant;
  /** Base URL without a trailing slash. The issuer is `<endpoint>/oidc`. */
  endpoint: string;
  /** Algorithm of new signing keys. */
  idTokenSigning: 'ES384' | 'RS256';
  /** Lifetime of access tokens in seconds. Overrides the resource's own. */
  accessTokenTtl?: number;
  passwords: Passwords;
  generateCode: () => string;
  /** Awaited between reading and writing a row, where Logto has a race condition. */
  raceWindow: () => Promise<void>;
  faults: Faults;
  calls: CallCounter;
  webhooks: Webhooks;
  /** Restores the seed. Signing keys are kept, so a service that has cached them keeps working. */
  reset: () => Promise<void>;
}
