import { connect, type Socket } from 'node:net';

export interface RawConnection {
  readonly socket: Socket;
  /** Everything received, once either side has closed the connection. */
  readonly received: Promise<string>;
  /** The first response, once its body is complete. */
  readonly response: Promise<RawResponse>;
}

export interface RawResponse {
  readonly status: number;
  readonly head: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON: each test knows its shape
  readonly body: any;
}

const open = new Set<Socket>();

/** Closes all open connections, because the service waits for them when it stops. */
export function closeConnections(): void {
  for (const socket of open) socket.destroy();
}

/** Opens a connection to the service and writes bytes as they are. A connection error counts as its end. */
export function openConnection(url: string, ...bytes: readonly (string | Buffer)[]): RawConnection {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  open.add(socket);
  let text = '';
  const received = new Promise<string>((resolve) => {
    socket
      .on('error', () => undefined)
      .once('close', () => {
        open.delete(socket);
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
  for (const each of bytes) socket.write(each);
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
