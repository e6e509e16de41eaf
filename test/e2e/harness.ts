import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { it } from '@jest/globals';
import { ConsoleLogger, type InjectionToken } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  startDevLogto,
  type DevLogto,
  type DevLogtoOptions,
  type IssueTokenOptions,
} from '../../dev-logto/src/index.js';
import type { CallCounter } from '../../dev-logto/src/control/call-counter.js';
import type { Fault, Faults } from '../../dev-logto/src/control/faults.js';
import { AppConfig } from '../../src/platform/config/app-config.js';
import { loadAppConfig } from '../../src/platform/config/load-app-config.js';
import { Clock } from '../../src/platform/config/clock.js';
import { fetchKeySet, SigningKeys } from '../../src/domain/access/signing-keys.js';
import { APP_OPTIONS, appParts, finishApp } from '../../src/create-app.js';
import { FieldCatalogue } from '../../src/domain/fields/catalogue/field-catalogue.js';
import { documentSchemas } from '../../src/domain/fields/catalogue/published-schema.js';
import { CodeDeliveryService } from '../../src/features/verification/code-delivery.service.js';
import { buildDocument } from '../../src/platform/docs/document.js';
import { ContractChecker } from './contract-checker.js';
import { LogtoProxy } from './logto-proxy.js';
import { LogtoTenant, type NewUser, type TenantUser } from './logto-tenant.js';
import { RealLogto } from './real-logto.js';

/** A provider to replace, by a value or by what `useFactory` returns for the providers of `inject`. */
type Override = { readonly provide: unknown } & (
  | { readonly useValue: unknown }
  | { readonly useFactory: (...injected: never[]) => unknown; readonly inject: readonly InjectionToken[] }
);

export interface StackOptions {
  /** Environment variables of the service. They override the defaults of the tests; `undefined` removes one. */
  readonly environment?: Record<string, string | undefined>;
  /** Providers to replace, such as a clock. */
  readonly overrides?: readonly Override[];
  /** A running embedded Logto of another stack. It continues to run when this stack stops. */
  readonly logto?: DevLogto;
  readonly devLogto?: DevLogtoOptions;
  /** Faults from the start of the service on. */
  readonly faults?: readonly Fault[];
}

export interface CallOptions {
  /** The access token to send, if any. */
  readonly token?: string;
  /** Bytes and text are sent as they are, any other value as JSON. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Skips the contract check, for a response outside the OpenAPI document. */
  readonly unchecked?: boolean;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed if it is JSON, otherwise the text. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON: each test knows its shape
  readonly body: any;
}

/** A running service, called over HTTP. It uses the embedded Logto or the one at `LOGTO_ENDPOINT`. */
export interface Stack {
  readonly url: string;
  readonly app: NestFastifyApplication;
  readonly config: AppConfig;
  /** The embedded Logto with its clock and tenant. Undefined with a real Logto. */
  readonly logto?: DevLogto;
  /** A real Logto. Undefined with the embedded one. */
  readonly realLogto?: RealLogto;
  /** The faults of the calls to Logto. */
  readonly faults: Faults;
  /** The number of calls to Logto. */
  readonly calls: CallCounter;
  /** Calls Logto's Management API, as an operator would. */
  readonly tenant: LogtoTenant;
  /** Sends a request and checks the response against the OpenAPI document. */
  api(method: string, path: string, options?: CallOptions): Promise<ApiResponse>;
  /** Issues a token for a username. A real Logto issues those of {@link RealLogto.issueToken} only. */
  tokenFor(username: string, options?: IssueTokenOptions): Promise<string>;
  /** Issues a token that the service accepts after a revocation. Retries after `Retry-After`, as a client does. */
  renewToken(username: string): Promise<string>;
  /** Resolves when no code is being sent in the background. */
  settled(): Promise<void>;
  /** Returns the latest code sent to an address. */
  codeFor(address: string): Promise<string>;
  /** Creates a user that is removed when the stack stops. */
  createUser(data?: NewUser): Promise<TenantUser>;
  stop(): Promise<void>;
}

/** Whether the tests use the embedded Logto. Only it issues custom tokens, lets tests set its clock, and fails inside. */
export const usesEmbeddedLogto = !process.env.LOGTO_ENDPOINT;

/** A test of what only the embedded Logto does. Other tests run at a real Logto too. */
export const atEmbeddedLogto = usesEmbeddedLogto ? it : it.skip;

const run = promisify(execFile);

/** Runs a shell command with an additional argument. @returns its output */
const runCommand = async (command: string, argument: string): Promise<string> => {
  const { stdout } = await run('/bin/sh', ['-c', `${command} "$1"`, 'sh', argument]);
  return stdout.trim();
};

const readCommand = (variable: string): string => {
  const command = process.env[variable];
  if (!command) throw new Error(`Tests with a real Logto need ${variable}.`);
  return command;
};

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const logto = usesEmbeddedLogto ? (options.logto ?? (await startEmbedded(options.devLogto))) : undefined;
  const real = logto ? undefined : await prepareRealLogto();
  const environment = {
    ...(logto ? createDevelopmentEnvironment(logto) : process.env),
    ...(real && { ALLOWED_CLIENT_IDS: [process.env.ALLOWED_CLIENT_IDS, ...real.logto.allowedClientIds].join() }),
    DATABASE_URL: undefined,
    DATABASE_FOLDER: 'memory://',
    LOG_LEVEL: 'error',
    ...options.environment,
  };
  /** Removes what was created in the tenant if the service does not start. */
  const failStart = async (error: unknown): Promise<never> => {
    await real?.stop();
    throw error;
  };
  const { module, adapter, config } = await appParts(environment).catch(failStart);
  const builder = Test.createTestingModule({ imports: [module] });
  for (const fault of options.faults ?? []) (logto ?? real!.proxy).faults.add(fault);
  // Only the calls of the service pass through the proxy: the issuer is still that of Logto.
  if (real) {
    const logto = { ...config.logto, endpoint: real.proxy.endpoint };
    builder.overrideProvider(AppConfig).useValue({ ...config, logto });
    const createKeys = (clock: Clock) =>
      new SigningKeys(`${logto.endpoint}/oidc/jwks`, clock, fetchKeySet(config.upstream.timeoutMs));
    builder.overrideProvider(SigningKeys).useFactory({ factory: createKeys, inject: [Clock] });
  }
  for (const override of options.overrides ?? []) {
    const provider = builder.overrideProvider(override.provide);
    if ('useValue' in override) provider.useValue(override.useValue);
    else provider.useFactory({ factory: override.useFactory as () => unknown, inject: [...override.inject] });
  }
  const testingModule = await builder
    .setLogger(new ConsoleLogger('', { logLevels: ['fatal', 'error'] }))
    .compile()
    .catch(failStart);
  const app = testingModule.createNestApplication<NestFastifyApplication>(adapter, APP_OPTIONS);
  await finishApp(app, config);
  await app.listen({ host: process.env.E2E_SERVICE_HOST ? '0.0.0.0' : '127.0.0.1', port: 0 });

  const url = (await app.getUrl()).replace(/\[::1\]|0\.0\.0\.0/, '127.0.0.1');
  const contract = new ContractChecker(buildDocument(app, documentSchemas(app.get(FieldCatalogue, { strict: false }))));
  const tenant = real?.tenant ?? new LogtoTenant(config);

  const stack: Stack = {
    url,
    app,
    config,
    logto,
    realLogto: real?.logto,
    faults: (logto ?? real!.proxy).faults,
    calls: (logto ?? real!.proxy).calls,
    tenant,
    async api(method, path, { token, body, headers = {}, unchecked } = {}) {
      const isRaw = typeof body === 'string' || body instanceof Uint8Array;
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : isRaw ? (body as string) : JSON.stringify(body),
      });
      const result = await readResponse(response);
      if (!unchecked) contract.check(method, path, result);
      return result;
    },
    async tokenFor(username, tokenOptions) {
      if (logto) return logto.issueToken(username, tokenOptions);
      if (tokenOptions) return real!.logto.issueToken(username, tokenOptions);
      return runCommand(readCommand('E2E_TOKEN_COMMAND'), username);
    },
    async renewToken(username) {
      for (;;) {
        const token = await stack.tokenFor(username);
        const { status, headers } = await stack.api('GET', '/v1/profile', { token });
        if (status !== 401) return token;
        await delay(Number(headers.get('retry-after')) * 1000);
      }
    },
    async codeFor(address) {
      await stack.settled();
      if (!logto) return runCommand(readCommand('E2E_CODE_COMMAND'), address);
      const code = logto.lastCode(address);
      if (!code) throw new Error(`No code was sent to ${address}.`);
      return code;
    },
    settled: () => app.get(CodeDeliveryService, { strict: false }).settled(),
    createUser: (data) => tenant.createUser(data),
    async stop() {
      await tenant.removeUsers();
      await app.close();
      await real?.stop();
      if (!options.logto) await logto?.stop();
    },
  };
  return stack;
}

/** Prepares the real Logto for one stack: applications, and a proxy for the calls of the service. */
async function prepareRealLogto() {
  const config = loadAppConfig(process.env);
  const tenant = new LogtoTenant(config);
  const [logto, proxy] = await Promise.all([
    RealLogto.prepare(config.logto, config.apiResource, tenant),
    LogtoProxy.start(config.logto.endpoint),
  ]);
  const stop = async () => {
    await logto.cleanUp();
    await proxy.stop();
  };
  return { tenant, logto, proxy, stop };
}

/** Starts a Logto on a free port, because test files run in parallel. */
const startEmbedded = (options?: DevLogtoOptions): Promise<DevLogto> => startDevLogto({ port: 0, ...options });

/** Returns the environment variables of development mode for an embedded Logto. */
const createDevelopmentEnvironment = (logto: DevLogto): Record<string, string> => ({
  DEV_LOGTO_PORT: new URL(logto.endpoint).port,
  ALLOWED_CLIENT_IDS: 'profile-page,api-docs',
});

async function readResponse(response: Response): Promise<ApiResponse> {
  const text = await response.text();
  const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '') && text !== '';
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** Returns a name that no other test uses. */
export const uniqueName = (prefix = 'u'): string => `${prefix}${randomBytes(6).toString('hex')}`;
