import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ConsoleLogger } from '@nestjs/common';
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
import { buildDocument } from '../../src/platform/docs/document.js';
import { ContractChecker } from './contract-checker.js';
import { LogtoTenant, type NewUser, type TenantUser } from './logto-tenant.js';

export interface StackOptions {
  /** Variables put over those of the target. */
  readonly environment?: Record<string, string | undefined>;
  /** Providers replaced by token: a clock, a fault. */
  readonly overrides?: readonly { provide: unknown; useValue: unknown }[];
  /** An embedded Logto that runs already: a second replica in front of it. It is left running. */
  readonly logto?: DevLogto;
  readonly devLogto?: DevLogtoOptions;
}

export interface CallOptions {
  /** An access token; none is sent without it. */
  readonly token?: string;
  /** Sent as JSON, unless it is bytes or text, which go as they are. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** The answer breaks the contract on purpose, or lies outside it. */
  readonly unchecked?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when it is JSON, else the text. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON: each test knows its shape
  readonly body: any;
}

/** The service over HTTP in front of a Logto: the embedded one, or that of `LOGTO_ENDPOINT`. */
export interface Stack {
  readonly url: string;
  readonly app: NestFastifyApplication;
  readonly config: AppConfig;
  /** The embedded Logto, with its faults, clock and counts. Absent in front of a real one. */
  readonly logto?: DevLogto;
  /** Logto's Management API, called as an operator would. */
  readonly tenant: LogtoTenant;
  /** Sends a request and checks the answer against the OpenAPI document. */
  api(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** An access token of a user, by username; what is unlike a good one can be asked of the embedded Logto only. */
  tokenFor(username: string, options?: IssueTokenOptions): Promise<string>;
  /** A token that is accepted after a revocation, got as a client gets it: by waiting as long as the service says. */
  renewedToken(username: string): Promise<string>;
  /** The latest code sent to an address. */
  codeFor(address: string): Promise<string>;
  /** A user of this test's own. Removed when the stack stops. */
  createUser(data?: NewUser): Promise<TenantUser>;
  stop(): Promise<void>;
}

/** True where a test may ask for faults, foreign tokens and the clock. */
export const embedded = !process.env.LOGTO_ENDPOINT;

const run = promisify(execFile);

/** Runs a command given as in a shell with one more argument, and gives what it prints. */
const ask = async (command: string, argument: string): Promise<string> => {
  const { stdout } = await run('/bin/sh', ['-c', `${command} "$1"`, 'sh', argument]);
  return stdout.trim();
};

const commandOf = (variable: string): string => {
  const command = process.env[variable];
  if (!command) throw new Error(`Tests in front of a real Logto need ${variable}.`);
  return command;
};

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const logto = embedded ? (options.logto ?? (await startEmbedded(options.devLogto))) : undefined;
  const environment = {
    ...(logto ? developmentOf(logto) : process.env),
    DATABASE_URL: undefined,
    DATABASE_FOLDER: 'memory://',
    LOG_LEVEL: 'error',
    ...options.environment,
  };
  const { module, adapter, config } = await appParts(environment);
  const builder = Test.createTestingModule({ imports: [module] });
  for (const { provide, useValue } of options.overrides ?? []) builder.overrideProvider(provide).useValue(useValue);
  const testing = await builder.setLogger(new ConsoleLogger('', { logLevels: ['fatal', 'error'] })).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(adapter, APP_OPTIONS);
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
      const raw = typeof body === 'string' || body instanceof Uint8Array;
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : raw ? (body as string) : JSON.stringify(body),
      });
      const answer = await read(response);
      if (!unchecked) contract.check(method, path, answer);
      return answer;
    },
    async tokenFor(username, tokenOptions) {
      if (logto) return logto.issueToken(username, tokenOptions);
      if (tokenOptions) throw new Error('Only the embedded Logto issues tokens to order.');
      return ask(commandOf('E2E_TOKEN_COMMAND'), username);
    },
    async renewedToken(username) {
      for (;;) {
        const token = await stack.tokenFor(username);
        const { status, headers } = await stack.api('GET', '/v1/profile', { token });
        if (status !== 401) return token;
        await delay(Number(headers.get('retry-after')) * 1000);
      }
    },
    async codeFor(address) {
      if (!logto) return ask(commandOf('E2E_CODE_COMMAND'), address);
      const code = logto.lastCode(address);
      if (!code) throw new Error(`No code was sent to ${address}.`);
      return code;
    },
    createUser: (data) => tenant.createUser(data),
    async stop() {
      await tenant.removeUsers();
      await app.close();
      if (!options.logto) await logto?.stop();
    },
  };
  return stack;
}

/** On any free port: several test files run at once. */
const startEmbedded = (options?: DevLogtoOptions): Promise<DevLogto> => startDevLogto({ port: 0, ...options });

/** The service's development mode, in front of an embedded Logto on a port of its own. */
const developmentOf = (logto: DevLogto): Record<string, string> => ({
  DEV_LOGTO_PORT: new URL(logto.endpoint).port,
  ALLOWED_CLIENT_IDS: 'profile-page,api-docs',
});

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = /[/+]json/.test(response.headers.get('content-type') ?? '') && text !== '';
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
}

/** A word that no other test uses. */
export const unique = (prefix = 'u'): string => `${prefix}${randomBytes(6).toString('hex')}`;
