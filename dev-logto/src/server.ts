import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { CallCounter } from './control/call-counter.js';
import type { Faults } from './control/faults.js';
import { isForLoopback } from './loopback-only.js';
import type { Clock } from './tenant/clock.js';

/** A server that listens before its application exists, because the provider needs the port for its issuer. */
export interface Listener {
  server: Server;
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  /** Creates the application. It receives no requests until {@link open} is called. */
  createApp(): FastifyInstance;
  /** Passes requests to the application. Call it after all routes are registered. */
  open(): void;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/**
 * Listens on loopback, and responds 421 to other host names; port 0 selects a free port. Responds 503 until {@link Listener.open}
 * is called.
 * Calls are counted and faults applied here, below the application, so that they cover all of its routes.
 */
export async function listen(
  port: number,
  { faults, calls, clock }: { faults: Faults; calls: CallCounter; clock: Clock },
): Promise<Listener> {
  const server = createServer({ keepAliveTimeout: 5000 }); // As in Logto.
  faults.attach(server);
  const respondUnavailable: Parameters<typeof createServer>[1] = (_request, response) => response.writeHead(503).end();
  server.on('request', respondUnavailable);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, HOST, () => resolve());
  });
  let handleRequest: Parameters<typeof createServer>[1];
  return {
    server,
    endpoint: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    createApp: () =>
      Fastify({
        bodyLimit: 1024 * 1024,
        exposeHeadRoutes: true,
        routerOptions: { maxParamLength: 16_384 },
        serverFactory: (handler) => {
          handleRequest = (request, response) => {
            if (!isForLoopback(request)) return void response.writeHead(421).end();
            if (request.url!.startsWith('/dev')) return handler(request, response);
            calls.record(request.method!, request.url!);
            // The tenant's clock also sets the `iat` of tokens.
            response.setHeader('date', new Date(clock.now()).toUTCString());
            if (!faults.hasActiveFaults) return handler(request, response);
            void faults.apply(request, response, handler);
          };
          return server;
        },
      }),
    // Fastify throws on a request that arrives before its routes are ready.
    open: () => void server.off('request', respondUnavailable!).on('request', handleRequest!),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
