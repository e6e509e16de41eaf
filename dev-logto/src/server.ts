import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Calls } from './control/calls.js';
import type { Faults } from './control/faults.js';
import type { Clock } from './tenant/clock.js';

/** A listening server without an application yet: the issuer must be known before the provider is built. */
export interface Listener {
  server: Server;
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  /** An application for it, which answers nothing yet. */
  createApp(): FastifyInstance;
  /** From here on the application answers, complete with all its routes. */
  open(): void;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/**
 * Listens on loopback. Port 0 takes any free one. Until an application is ready, requests get 503. Calls
 * are counted and faults strike here, below the application, so that they do so to every part of it.
 */
export async function listen(
  port: number,
  { faults, calls, clock }: { faults: Faults; calls: Calls; clock: Clock },
): Promise<Listener> {
  const server = createServer({ keepAliveTimeout: 5000 }); // Logto's own: idle connections end after 5 s.
  const unready: Parameters<typeof createServer>[1] = (_request, response) => response.writeHead(503).end();
  server.on('request', unready);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, HOST, () => resolve());
  });
  let answer: Parameters<typeof createServer>[1];
  return {
    server,
    endpoint: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    createApp: () =>
      Fastify({
        bodyLimit: 1024 * 1024,
        exposeHeadRoutes: true,
        routerOptions: { maxParamLength: 16_384 },
        serverFactory: (handler) => {
          answer = (request, response) => {
            if (request.url!.startsWith('/dev')) return handler(request, response);
            calls.record(request.method!, request.url!);
            // Of the tenant's time, like the `iat` of its tokens.
            response.setHeader('date', new Date(clock.now()).toUTCString());
            if (!faults.armed) return handler(request, response);
            void faults.strike(request, response, handler);
          };
          return server;
        },
      }),
    // Not before: Fastify throws at a request that comes while its routes are being set up.
    open: () => void server.off('request', unready!).on('request', answer!),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
