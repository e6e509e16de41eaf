import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { CallCounter } from './control/call-counter.js';
import { Faults, type Fault } from './control/faults.js';
import { findLastMessage, registerControlApi } from './control/index.js';
import type { Context } from './context.js';
import { registerManagementApi } from './management-api/index.js';
import { defaultRaceWindow } from './management-api/race-window.js';
import { registerOidc, type IssueTokenOptions, type Oidc, type RotateOptions } from './oidc/index.js';
import { registerPages } from './pages/index.js';
import { Passwords, type PasswordCost } from './passwords/passwords.js';
import { listen } from './server.js';
import { Clock } from './tenant/clock.js';
import type { Seed } from './tenant/seed.js';
import { parseSeed } from './tenant/seed-schema.js';
import { StateFile } from './tenant/state-file.js';
import { Tenant } from './tenant/tenant.js';
import { Webhooks } from './webhooks/webhooks.js';

export type { Seed, PasswordCost, IssueTokenOptions, RotateOptions, Fault };
export * from './tenant/types.js';
export { Tenant, Clock, Faults, CallCounter };

export interface DevLogtoOptions {
  /** Default: 3001. 0 selects a free port. */
  port?: number;
  /** Initial state of the tenant, or the path of a YAML file that describes it. */
  seed?: Seed | string;
  /** Path of a file that persists the state. If the file exists, it replaces the seed. */
  stateFile?: string;
  /** Algorithm of the signing keys. Default: ES384, as in a new Logto tenant. */
  idTokenSigning?: 'ES384' | 'RS256';
  passwordCost?: PasswordCost;
  /** Lifetime of access tokens in seconds. Overrides each resource's own. */
  accessTokenTtl?: number;
  clock?: Clock;
  /** Creates verification codes. Default: six random digits. */
  generateCode?: () => string;
  /** Awaited between reading and writing a row, where Logto has a race condition. Default: 3 ms. */
  raceWindow?: () => Promise<void>;
}

/** A running development Logto. */
export interface DevLogto {
  /** `http://127.0.0.1:<port>`; the issuer is `<endpoint>/oidc`. */
  endpoint: string;
  tenant: Tenant;
  faults: Faults;
  /** Counts the requests received. */
  calls: CallCounter;
  clock: Clock;
  webhooks: Webhooks;
  passwords: Passwords;
  /**
   * Issues a token without a sign-in. `user` is an id, username, email or phone.
   * Rejects with an Error if the user is unknown.
   */
  issueToken(user: string, options?: IssueTokenOptions): Promise<string>;
  /** Returns the latest code sent to an email address or phone number, in any notation. */
  lastCode(address: string): string | undefined;
  rotateKeys(options?: RotateOptions): Promise<void>;
  /** Restores the seed and the real time, and removes all faults. Signing keys are kept. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a development Logto on loopback. Resolves when it accepts requests.
 * Rejects if NODE_ENV is `production`, the seed is invalid or the port is in use.
 */
export async function startDevLogto(options: DevLogtoOptions = {}): Promise<DevLogto> {
  if (process.env['NODE_ENV'] === 'production') {
    throw new Error('dev-logto is for development only and does not start with NODE_ENV=production.');
  }
  const tenant = new Tenant(options.clock ?? new Clock());
  const { clock } = tenant;
  const passwords = new Passwords(options.passwordCost);
  const faults = new Faults();
  const calls = new CallCounter();
  const webhooks = new Webhooks(tenant);
  const seed = typeof options.seed === 'string' ? await readSeed(options.seed) : (options.seed ?? {});
  const reset = async (): Promise<void> => {
    faults.reset();
    calls.reset();
    webhooks.logs.length = 0;
    clock.reset();
    await tenant.applySeed(seed, passwords.hash);
  };
  const stateFile = options.stateFile === undefined ? undefined : new StateFile(options.stateFile, tenant);
  if (!(await stateFile?.load())) await tenant.applySeed(seed, passwords.hash);

  const listener = await listen(options.port ?? 3001, { faults, calls, clock });
  const { endpoint } = listener;
  const context: Context = {
    tenant,
    endpoint,
    idTokenSigning: options.idTokenSigning ?? 'ES384',
    accessTokenTtl: options.accessTokenTtl,
    passwords,
    generateCode: options.generateCode ?? (() => String(randomInt(1_000_000)).padStart(6, '0')),
    raceWindow: options.raceWindow ?? defaultRaceWindow,
    faults,
    calls,
    webhooks,
    reset,
  };
  const app = listener.createApp();
  const oidc = await registerRoutes(app, context).catch(async (error: unknown) => {
    await listener.close();
    throw error;
  });
  listener.open();
  stateFile?.start();
  return {
    endpoint,
    tenant,
    faults,
    calls,
    clock,
    webhooks,
    passwords,
    reset,
    issueToken: async (identifier, tokenOptions) => {
      const user = tenant.findUser(identifier);
      if (!user) throw new Error(`No such user: ${identifier}`);
      return oidc.issueToken(user.id, tokenOptions);
    },
    lastCode: (address) => findLastMessage(tenant, address)?.code,
    rotateKeys: (rotateOptions) => oidc.rotateKeys(rotateOptions),
    stop: async () => {
      await webhooks.stop();
      await app.close();
      await listener.close();
      await stateFile?.stop();
    },
  };
}

async function registerRoutes(app: FastifyInstance, context: Context): Promise<Oidc> {
  const oidc = await registerOidc(app, context);
  await registerManagementApi(app, context);
  await registerPages(app, context, oidc);
  await registerControlApi(app, context, oidc);
  await app.ready();
  return oidc;
}

async function readSeed(path: string): Promise<Seed> {
  const { parse } = await import('yaml'); // Loaded on demand to keep the start fast.
  return parseSeed(parse(await readFile(path, 'utf8')), path);
}
