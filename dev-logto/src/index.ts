import { registerControl } from './control/index.js';
import { Faults } from './control/faults.js';
import type { Context } from './context.js';
import { registerManagementApi } from './management-api/index.js';
import { registerOidc, type IssueTokenOptions } from './oidc/index.js';
import { registerPages } from './pages/index.js';
import { Passwords, type PasswordCost } from './passwords/passwords.js';
import { listen } from './server.js';
import { Clock } from './tenant/clock.js';
import type { Seed } from './tenant/seed.js';
import { Tenant } from './tenant/tenant.js';
import { Webhooks } from './webhooks/webhooks.js';

export type { Seed, PasswordCost, IssueTokenOptions };
export * from './tenant/types.js';
export { Tenant, Clock, Faults };

export interface DevLogtoOptions {
  /** 3001 unless given; 0 takes any free port. */
  port?: number;
  seed?: Seed;
  /** Algorithm of the signing keys; ES384 as in a new Logto tenant. */
  idTokenSigning?: 'ES384' | 'RS256';
  passwordCost?: PasswordCost;
  /** Seconds. */
  accessTokenTtl?: number;
  clock?: Clock;
}

/** A running development Logto. */
export interface DevLogto {
  /** `http://127.0.0.1:<port>`; the issuer is `<endpoint>/oidc`. */
  endpoint: string;
  tenant: Tenant;
  faults: Faults;
  clock: Clock;
  /** A token for a user, named by id, username, email or phone. Throws for an unknown one. */
  issueToken(user: string, options?: IssueTokenOptions): Promise<string>;
  rotateKeys(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a development Logto on loopback; resolves when it answers. */
export async function startDevLogto(options: DevLogtoOptions = {}): Promise<DevLogto> {
  const clock = options.clock ?? new Clock();
  const tenant = new Tenant(clock);
  const passwords = new Passwords(options.passwordCost);
  const faults = new Faults();
  const [listener] = await Promise.all([
    listen(options.port ?? 3001),
    tenant.plant(options.seed ?? {}, passwords.hash),
  ]);
  const { endpoint } = listener;
  const context: Context = {
    tenant,
    endpoint,
    idTokenSigning: options.idTokenSigning ?? 'ES384',
    accessTokenTtl: options.accessTokenTtl,
    passwords,
    faults,
    webhooks: new Webhooks(),
  };
  const app = listener.createApp();
  const oidc = await registerOidc(app, context);
  await registerManagementApi(app, context);
  await registerPages(app, context);
  await registerControl(app, context, oidc);
  await app.ready();
  return {
    endpoint,
    tenant,
    faults,
    clock,
    issueToken: async (who, opts) => {
      const user = tenant.findUser(who);
      if (!user) throw new Error(`No such user: ${who}`);
      return oidc.issueToken(user.id, opts);
    },
    rotateKeys: () => oidc.rotateKeys(),
    stop: async () => {
      await app.close();
      await listener.close();
    },
  };
}
