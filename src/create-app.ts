import type { DynamicModule, LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppModule } from './app.module.js';
import { authenticateRequests } from './domain/access/authenticate-requests.js';
import { AuthenticatorService } from './domain/access/authenticator.service.js';
import { FieldCatalogue } from './domain/fields/catalogue/field-catalogue.js';
import { documentSchemas } from './domain/fields/catalogue/published-schema.js';
import { LOG_LEVELS, type AppConfig } from './platform/config/app-config.js';
import { ConfigModule } from './platform/config/config.module.js';
import type { Environment } from './platform/config/environment-reader.js';
import { asProblemError, sendProblem } from './platform/http/problem.filter.js';
import { QuietStartLogger } from './platform/patches/quiet-start.logger.js';
import { BODY_LIMIT, registerBodyParsers } from './platform/http/body-parsers.js';
import { closeGracefully } from './platform/http/closing.js';
import { corsOptions } from './platform/http/cors.js';
import { registerHttpHooks, requestId } from './platform/http/http-hooks.js';
import { SECURITY_HEADERS } from './platform/http/security-headers.js';
import { serverOptions } from './platform/http/server-options.js';
import { ShutdownService } from './platform/http/shutdown.service.js';
import { discardBody, drainUnreadBodies } from './platform/http/unread-bodies.js';
import { setupDocs } from './platform/docs/docs.js';

export interface CreateAppOptions {
  readonly environment: Environment;
  readonly logger?: LoggerService | false;
}

/** The parts of an application. Tests assemble them themselves, to replace providers. */
export interface AppParts {
  readonly module: DynamicModule;
  readonly adapter: FastifyAdapter;
  readonly config: AppConfig;
}

/** Options for Nest that every way to create the application needs. */
export const APP_OPTIONS = { bodyParser: false, abortOnError: false } as const;

/**
 * Creates the application, ready to listen.
 * @throws ConfigurationError if the environment is invalid; nothing has been started then
 */
export async function createApp({ environment, logger }: CreateAppOptions): Promise<NestFastifyApplication> {
  const { module, adapter, config } = await appParts(environment);
  const options = { ...APP_OPTIONS, logger: logger ?? createLogger(config) };
  return finishApp(await NestFactory.create<NestFastifyApplication>(module, adapter, options), config);
}

/** @throws ConfigurationError if the environment is invalid */
export async function appParts(environment: Environment): Promise<AppParts> {
  const configModule = await ConfigModule.forRoot(environment);
  const { config } = configModule;
  const adapter = new FastifyAdapter({
    trustProxy: trustedProxies(config.trustProxy),
    bodyLimit: BODY_LIMIT,
    requestIdHeader: false,
    genReqId: requestId,
    // Requests that arrive on open connections during a shutdown are handled like any other.
    return503OnClosing: false,
    // Would also end the process if its last requests take longer than 10 s.
    pluginTimeout: 0,
    ...serverOptions(config.inbound),
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      // A malformed URL has no route, so no hook runs.
      void discardBody(request.raw, config.inbound);
      sendProblem(asProblemError(error), request, reply);
    },
  });
  return { module: AppModule.forRoot(configModule), adapter, config };
}

/** Adds hooks, body parsers, headers, CORS and the documentation to an application. */
export async function finishApp(app: NestFastifyApplication, config: AppConfig): Promise<NestFastifyApplication> {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.server.maxConnections = config.inbound.maxConnections;
  drainUnreadBodies(fastify, config.inbound);
  registerHttpHooks(fastify, authenticateRequests(fastify, app.get(AuthenticatorService, { strict: false })));
  registerBodyParsers(fastify);
  closeGracefully(fastify, app.get(ShutdownService, { strict: false }), config.shutdown.timeoutMs);
  app.useSecurityHeaders(SECURITY_HEADERS);
  if (config.corsOrigins.length > 0) app.enableCors(corsOptions(config));
  if (config.docs) setupDocs(app, config, () => documentSchemas(app.get(FieldCatalogue, { strict: false })));
  await app.init();
  return app;
}

function createLogger({ production, logLevel }: AppConfig): LoggerService {
  const logLevels = LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(logLevel) + 1);
  return new QuietStartLogger({ json: production, logLevels });
}

/** For a hop count, Fastify itself would trust no address, because it does not know its neighbour. The operator does. */
function trustedProxies(setting: AppConfig['trustProxy']) {
  if (typeof setting === 'number') return (_address: string, hop: number) => hop < setting;
  return typeof setting === 'boolean' ? setting : [...setting];
}
