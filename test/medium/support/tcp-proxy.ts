import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A proxy between a client and a server on loopback that breaks connections on demand. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private breakpoint: { readonly text: string; readonly onBreak: (client: Socket) => void } | undefined;
  private readonly hanging = new Set<Socket>();
  private readonly responses = new Map<string, string>();
  private isForwarding = true;
  private port = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  /** Starts a proxy. @param url the URL of the server, such as `redis://127.0.0.1:6379` */
  static async start(url: string): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, new URL(url));
    server.on('connection', (client) => proxy.connectToServer(client));
    await proxy.accept();
    proxy.port = (server.address() as AddressInfo).port;
    return proxy;
  }

  /** The server's URL through the proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  /** Breaks all connections. */
  breakAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Breaks the next connection on which the client sends `text`, before the server receives it. Resolves once it is broken. */
  breakOn(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.breakpoint = {
        text,
        onBreak: (client) => {
          client.destroy();
          resolve();
        },
      };
    });
  }

  /** As `breakOn`, but keeps the connection open and forwards nothing on it any more. */
  hangOn(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.breakpoint = {
        text,
        onBreak: (client) => {
          this.hanging.add(client);
          resolve();
        },
      };
    });
  }

  /** Responds itself to everything that contains `text`. @returns a function that forwards it again */
  respondOn(text: string, response: string): () => void {
    this.responses.set(text, response);
    return () => void this.responses.delete(text);
  }

  /** Stops forwarding data but keeps connections open. @returns a function that breaks them and forwards data again */
  stopForwarding(): () => void {
    this.isForwarding = false;
    return () => {
      this.isForwarding = true;
      this.breakAll();
    };
  }

  /** Breaks all connections and rejects new ones until `accept`. */
  async reject(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.breakAll();
    await closed;
  }

  /** Accepts connections. */
  async accept(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
  }

  private connectToServer(client: Socket): void {
    const upstream = connect(Number(this.target.port), this.target.hostname);
    const ends = [client, upstream] as const;
    for (const [from, to] of [ends, [upstream, client] as const]) {
      this.sockets.add(from);
      from.on('error', () => undefined); // A `close` event follows.
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      from.on('data', (bytes) => {
        if (!this.isForwarding || this.hanging.has(client)) return;
        const response = from === client && [...this.responses].find(([text]) => bytes.includes(text))?.[1];
        if (response) return void client.write(response);
        if (from === client && this.breakpoint && bytes.includes(this.breakpoint.text)) {
          this.breakpoint.onBreak(client);
          this.breakpoint = undefined;
        } else to.write(bytes);
      });
    }
  }
}
