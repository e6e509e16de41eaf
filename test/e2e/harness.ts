import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ConsoleLogger, type InjectionToken } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  startDevLogto,
  type DevLogto,
  type DevLogtoOptions,
  type IssueTokenOptions,
} from '../../dev-logto/src/index.js';
import { AppConfig } from '../../src/platform/config/app-config.js';
import { APP_OPTIONS, appParts, finishApp } from '../../src/create-app.js';
import { FieldCatalogue } from '../../src/domain/fields/catalogue/field-catalogue.js';
import { documentSchemas } from '../../src/domain/fields/catalogue/published-schema.js';
import { CodeDeliveryService } from '../../src/features/verification/code-delivery.service.js';
import { buildDocument } from '../../src/platform/docs/document.js';
import { ContractChecker } from './contract-checker.js';
import { LogtoTenant, type NewUser, type TenantUser } from './logto-tenant.js';

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
  /** The embedded Logto with its faults, clock and call counts. Undefined with a real Logto. */
  readonly logto?: DevLogto;
  /** Calls Logto's Management API, as an operator would. */
  readonly tenant: LogtoTenant;
  /** Sends a request and checks the response against the OpenAPI document. */
  api(method: string, path: string, options?: CallOptions): Promise<ApiResponse>;
  /** Issues an access token for a username; only the embedded Logto accepts `options`. */
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

/** Whether the tests use the embedded Logto. Only it can inject faults, issue custom tokens and change its clock. */
export const usesEmbeddedLogto = !process.env.LOGTO_ENDPOINT;

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
  const environment = {
    ...(logto ? createDevelopmentEnvironment(logto) : process.env),
    DATABASE_URL: undefined,
    DATABASE_FOLDER: 'memory://',
    LOG_LEVEL: 'error',
    ...options.environment,
  };
  const { module, adapter, config } = await appParts(environment);
  const builder = Test.createTestingModule({ imports: [module] });
  for (const override of options.overrides ?? []) {
    const provider = builder.overrideProvider(override.provide);
    if ('useValue' in override) provider.useValue(override.useValue);
    else provider.useFactory({ factory: override.useFactory as () => unknown, inject: [...override.inject] });
  }
  const testingModule = await builder.setLogger(new ConsoleLogger('', { logLevels: ['fatal', 'error'] })).compile();
  const app = testingModule.createNestApplication<NestFastifyApplication>(adapter, APP_OPTIONS);
  await finishApp(app, config);
  await app.listen({ host: '127.0.0.1', port: 0 });

  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const contract = new ContractChecker(buildDocument(app, documentSchemas(app.get(FieldCatalogue, { strict: false }))));
  const tenant = new LogtoTenant(config);

  const stack: Stack = {
    url,
    app,
    config,
    logto,
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
      if (tokenOptions) throw new Error('Only the embedded Logto issues custom tokens.');
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
      if (!logto) return runCommand(readCommand('E2E_CODE_COMMAND'), address);
      await stack.settled();
      const code = logto.lastCode(address);
      if (!code) throw new Error(`No code was sent to ${address}.`);
      return code;
    },
    settled: () => app.get(CodeDeliveryService, { strict: false }).settled(),
    createUser: (data) => tenant.createUser(data),
    async stop() {
      await tenant.removeUsers();
      await app.close();
      if (!options.logto) await logto?.stop();
    },
  };
  return stack;
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
