import type { FastifyServerOptions } from 'fastify';
import type { AppConfig } from '../config/app-config.js';
import { createClientErrorHandler } from './client-errors.js';

/** Connections are checked this often, or more often where deadlines are short. Milliseconds. */
const CHECK_EVERY = 1_000;

/** Fastify's options for how long a client may take to send a request, and what happens when it takes longer. */
export function serverOptions({ headersTimeoutMs, requestTimeoutMs, ...bounds }: AppConfig['inbound']) {
  return {
    requestTimeout: requestTimeoutMs,
    http: {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(CHECK_EVERY, Math.ceil(headersTimeoutMs / 10)),
    },
    clientErrorHandler: createClientErrorHandler(bounds),
  } satisfies FastifyServerOptions & { http: object };
}
