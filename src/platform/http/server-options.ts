import type { FastifyServerOptions } from 'fastify';
import type { AppConfig } from '../config/app-config.js';
import { createClientErrorHandler } from './client-errors.js';

/** How often connections are checked; more often if the timeouts are short. */
const MAX_CHECK_INTERVAL_MS = 1_000;

/** Fastify's options for the timeouts of requests, and for requests that could not be read. */
export function serverOptions({ headersTimeoutMs, requestTimeoutMs, ...bounds }: AppConfig['inbound']) {
  return {
    requestTimeout: requestTimeoutMs,
    http: {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // Ours is a problem document; see http-hooks.ts.
      requireHostHeader: false,
      connectionsCheckingInterval: Math.min(MAX_CHECK_INTERVAL_MS, Math.ceil(headersTimeoutMs / 10)),
    },
    clientErrorHandler: createClientErrorHandler(bounds),
  } satisfies FastifyServerOptions & { http: object };
}
