import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { fetch } from 'undici';
import { CallCounter } from '../../dev-logto/src/control/call-counter.js';
import { Faults } from '../../dev-logto/src/control/faults.js';

/** Headers of a connection, which the proxy does not forward (RFC 9110, section 7.6.1), and those that fetch sets. */
const NOT_FORWARDED = ['host', 'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'content-encoding'];

const withoutConnectionHeaders = (headers: Iterable<[string, string]>): [string, string][] =>
  [...headers].filter(([name]) => !NOT_FORWARDED.includes(name));

/** Forwards calls of the service to a real Logto. It counts them and applies faults, as the embedded Logto does itself. */
export class LogtoProxy {
  readonly faults = new Faults();
  readonly calls = new CallCounter();

  private constructor(private readonly target: string) {}

  private readonly server = createServer((request, response) => {
    this.calls.record(request.method!, request.url!);
    void this.faults.apply(request, response, (received, reply) => void this.forward(received, reply));
  });

  /** Starts a proxy for the Logto at `target` on a free port of loopback. */
  static async start(target: string): Promise<LogtoProxy> {
    const proxy = new LogtoProxy(target);
    proxy.faults.attach(proxy.server);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const headers = withoutConnectionHeaders(Object.entries(request.headers as Record<string, string>));
    try {
      const result = await fetch(this.target + request.url!, {
        method: request.method,
        headers,
        body: body.length > 0 ? body : undefined,
      });
      const bytes = Buffer.from(await result.arrayBuffer());
      response.writeHead(result.status, Object.fromEntries(withoutConnectionHeaders(result.headers))).end(bytes);
    } catch {
      request.socket.destroy();
    }
  }
}
