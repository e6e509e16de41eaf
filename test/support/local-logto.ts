import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ReceivedCall {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly token: string | undefined;
  readonly socket: Socket;
}

/** The response to a call. `drop` closes the connection without a response; `hang` never responds. */
export type Reply = { status: number; body?: unknown; headers?: Record<string, string> } | 'drop' | 'hang';

/** An HTTP server that replaces Logto. It issues machine tokens and responds to all other calls with `reply`. */
export class LocalLogto {
  readonly calls: ReceivedCall[] = [];
  readonly sockets = new Set<Socket>();
  tokenRequests = 0;
  reply: (call: ReceivedCall) => Reply | Promise<Reply> = () => ({ status: 204 });
  tokenReply = (): Reply => ({
    status: 200,
    body: { access_token: `token-${this.tokenRequests}`, expires_in: 3600, token_type: 'Bearer', scope: 'all' },
  });

  private constructor(private readonly server: Server) {}

  static async start(): Promise<LocalLogto> {
    const server = createServer();
    // The server never closes idle connections, so a test can check that the service does.
    server.keepAliveTimeout = 0;
    const logto = new LocalLogto(server);
    server.on('connection', (socket: Socket) => logto.sockets.add(socket));
    server.on('request', async (request, response) => {
      const call: ReceivedCall = {
        method: request.method!,
        path: request.url!,
        body: await text(request),
        token: request.headers.authorization?.replace('Bearer ', ''),
        socket: request.socket,
      };
      const isTokenRequest = call.path === '/oidc/token';
      if (isTokenRequest) logto.tokenRequests += 1;
      else logto.calls.push(call);
      const reply = isTokenRequest ? logto.tokenReply() : await logto.reply(call);
      if (reply === 'hang') return;
      if (reply === 'drop') return void request.socket.destroy();
      const isText = typeof reply.body === 'string';
      response.writeHead(reply.status, {
        'content-type': isText ? 'text/plain' : 'application/json',
        ...reply.headers,
      });
      response.end(isText ? reply.body : reply.body && JSON.stringify(reply.body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return logto;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
