import { connect, type Socket } from 'node:net';

export interface RawConnection {
  readonly socket: Socket;
  /** All data received, available once either side has closed the connection. */
  readonly received: Promise<string>;
  /** The first response, available once its body is complete. */
  readonly response: Promise<RawResponse>;
}

export interface RawResponse {
  readonly status: number;
  readonly head: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON: each test knows its shape
  readonly body: any;
}

const openSockets = new Set<Socket>();

/** Closes all open connections, because the service waits for them when it stops. */
export function closeConnections(): void {
  for (const socket of openSockets) socket.destroy();
}

/** Opens a connection to the service and writes bytes as they are. A connection error ends it without an error. */
export function openConnection(url: string, ...bytes: readonly (string | Buffer)[]): RawConnection {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  openSockets.add(socket);
  let text = '';
  const received = new Promise<string>((resolve) => {
    socket
      .on('error', () => undefined)
      .once('close', () => {
        openSockets.delete(socket);
        resolve(text);
      });
  });
  const response = new Promise<RawResponse>((resolve, reject) => {
    socket.on('data', (chunk) => {
      text += chunk.toString();
      const parsed = parseResponse(text);
      if (parsed) resolve(parsed);
    });
    void received.then(() => reject(new Error(`The connection closed after: ${JSON.stringify(text)}`)));
  });
  response.catch(() => undefined);
  for (const chunk of bytes) socket.write(chunk);
  return { socket, received, response };
}

/** Parses a response with a `Content-Length`. @returns undefined while it is incomplete */
function parseResponse(text: string): RawResponse | undefined {
  const [head = '', rest] = text.split('\r\n\r\n', 2);
  const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1]);
  if (rest === undefined || Buffer.byteLength(rest) < length) return undefined;
  const body = Buffer.from(rest).subarray(0, length).toString();
  return { status: Number(head.split(' ')[1]), head, body: body === '' ? undefined : JSON.parse(body) };
}
