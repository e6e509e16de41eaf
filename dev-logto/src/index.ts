import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { Calls } from './control/calls.js';
import { Faults, type Fault } from './control/faults.js';
import { lastMessage, registerControl } from './control/index.js';
import type { Context } from './context.js';
import { registerManagementApi } from './management-api/index.js';
import { briefWindow } from './management-api/race.js';
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
export { Tenant, Clock, Faults, Calls };

export interface DevLogtoOptions {
  /** 3001 unless given; 0 takes any free port. */
  port?: number;
  /** What the tenant starts with, or the path of a YAML file with it. */
  seed?: Seed | string;
  /** Path of a file to keep the state in; when it is there, it is used in place of the seed. */
  stateFile?: string;
  /** Algorithm of the signing keys; ES384 as in a new Logto tenant. */
  idTokenSigning?: 'ES384' | 'RS256';
  passwordCost?: PasswordCost;
  /** Seconds that access tokens live, in place of each resource's own. */
  accessTokenTtl?: number;
  clock?: Clock;
  /** Makes the codes that are sent; six random digits unless given. */
  generateCode?: () => string;
  /** Passes between Logto's reading of a row and its writing; three milliseconds unless given. */
  raceWindow?: () => Promise<void>;
}

/** A running development Logto. */
export interface DevLogto {
  /** `http://127.0.0.1:<port>`; the issuer is `<endpoint>/oidc`. */
  endpoint: string;
  tenant: Tenant;
  faults: Faults;
  /** Counts of the calls that came. */
  calls: Calls;
  clock: Clock;
  webhooks: Webhooks;
  passwords: Passwords;
  /** A token for a user, named by id, username, email or phone. Throws for an unknown one. */
  issueToken(user: string, options?: IssueTokenOptions): Promise<string>;
  /** The latest code sent to an address, however it is spelt. */
  lastCode(address: string): string | undefined;
  rotateKeys(options?: RotateOptions): Promise<void>;
  /** Back to the seed, faults and clock included. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a development Logto on loopback; resolves when it answers. Throws with NODE_ENV=production. */
export async function startDevLogto(options: DevLogtoOptions = {}): Promise<DevLogto> {
  if (process.env['NODE_ENV'] === 'production') {
    throw new Error('dev-logto is for development: it does not start with NODE_ENV=production.');
  }
  const tenant = new Tenant(options.clock ?? new Clock());
  const { clock } = tenant;
  const passwords = new Passwords(options.passwordCost);
  const faults = new Faults();
  const calls = new Calls();
  const webhooks = new Webhooks(tenant);
  const seed = typeof options.seed === 'string' ? await readSeed(options.seed) : (options.seed ?? {});
  const reset = async (): Promise<void> => {
    faults.reset();
    calls.reset();
    webhooks.logs.length = 0;
    clock.reset();
    await tenant.plant(seed, passwords.hash);
  };
  const stateFile = options.stateFile === undefined ? undefined : new StateFile(options.stateFile, tenant);
  if (!(await stateFile?.load())) await tenant.plant(seed, passwords.hash);

  const listener = await listen(options.port ?? 3001, { faults, calls, clock });
  const { endpoint } = listener;
  const context: Context = {
    tenant,
    endpoint,
    idTokenSigning: options.idTokenSigning ?? 'ES384',
    accessTokenTtl: options.accessTokenTtl,
    passwords,
    generateCode: options.generateCode ?? (() => String(randomInt(1_000_000)).padStart(6, '0')),
    raceWindow: options.raceWindow ?? briefWindow,
    faults,
    calls,
    webhooks,
    reset,
  };
  const app = listener.createApp();
  const oidc = await assemble(app, context).catch(async (error: unknown) => {
    await listener.close();
    throw error;
  });
  listener.open();
  stateFile?.keep();
  return {
    endpoint,
    tenant,
    faults,
    calls,
    clock,
    webhooks,
    passwords,
    reset,
    issueToken: async (who, tokenOptions) => {
      const user = tenant.findUser(who);
      if (!user) throw new Error(`No such user: ${who}`);
      return oidc.issueToken(user.id, tokenOptions);
    },
    lastCode: (address) => lastMessage(tenant, address)?.code,
    rotateKeys: (rotateOptions) => oidc.rotateKeys(rotateOptions),
    stop: async () => {
      await webhooks.stop();
      await app.close();
      await listener.close();
      await stateFile?.stop();
    },
  };
}

async function assemble(app: FastifyInstance, context: Context): Promise<Oidc> {
  const oidc = await registerOidc(app, context);
  await registerManagementApi(app, context);
  await registerPages(app, context, oidc);
  await registerControl(app, context, oidc);
  await app.ready();
  return oidc;
}

async function readSeed(path: string): Promise<Seed> {
  const { parse } = await import('yaml'); // Loaded only when used: each package makes the start slower.
  return parseSeed(parse(await readFile(path, 'utf8')), path);
}
