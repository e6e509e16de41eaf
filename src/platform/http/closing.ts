import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { ShutdownService } from './shutdown.service.js';

const CHECK_INTERVAL_MS = 100;
/** How long a new connection without any data is kept: the first request may be on its way. Browsers open connections in advance. */
const SILENT_MS = 500;
/** After the deadline, how long the last responses may take to be sent. */
const FLUSH_MS = 1_000;

/** A connection, since when it has been open, and the request that is being handled on it. */
interface Connection {
  readonly openedAt: number;
  request?: IncomingMessage;
}

/** Closes the connections of an HTTP server without interrupting a request. */
class ConnectionCloser {
  private readonly connections = new Map<Socket, Connection>();

  constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.connections.set(socket, { openedAt: performance.now() });
      socket.once('close', () => this.connections.delete(socket));
    });
    server.on('request', (request, response) => {
      const connection = this.connections.get(request.socket);
      if (!connection) return;
      connection.request = request;
      response.once('close', () => (connection.request = undefined));
    });
  }

  /**
   * Stops listening, and resolves when all connections are closed: idle ones immediately, others after their response. After
   * `timeoutMs`, a request that has not arrived completely is rejected with 408, and other connections are closed.
   */
  async close(timeoutMs: number): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.once('close', resolve));
    this.server.close();
    // Node closes only the connections that are idle now, and checks no timeouts from now on.
    const interval = setInterval(() => this.closeIdle(), CHECK_INTERVAL_MS);
    const deadline = setTimeout(() => this.endRequests(), timeoutMs);
    const end = setTimeout(() => this.destroyAll(), timeoutMs + FLUSH_MS);
    await closed;
    clearInterval(interval);
    clearTimeout(deadline);
    clearTimeout(end);
  }

  private closeIdle(): void {
    this.server.closeIdleConnections();
    const before = performance.now() - SILENT_MS;
    for (const [socket, { openedAt }] of this.connections) {
      if (socket.bytesRead === 0 && openedAt < before) socket.destroy();
    }
  }

  private endRequests(): void {
    for (const [socket, { request }] of this.connections) {
      // The request may change something, so any response could be wrong.
      if (request?.complete) socket.destroy();
      else this.server.emit('clientError', Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket);
    }
  }

  private destroyAll(): void {
    for (const socket of this.connections.keys()) socket.destroy();
  }
}

/**
 * Makes the server close its connections without interrupting a request: during a shutdown each one after its next response, and all
 * when the application closes.
 * @param timeoutMs how long requests may take after the server has stopped listening
 */
export function closeGracefully(fastify: FastifyInstance, shutdown: ShutdownService, timeoutMs: number): void {
  const closer = new ConnectionCloser(fastify.server);
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (shutdown.hasStarted) reply.header('Connection', 'close');
    done(null, payload);
  });
  fastify.addHook('preClose', () => closer.close(timeoutMs));
}
