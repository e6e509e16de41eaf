import { IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
export type Channel = 'email' | 'sms';

/** A failure to simulate for calls of one operation. */
export interface Fault {
  /**
   * `METHOD /path`. The method can be `*`. In the path, `*` or `:name` matches one segment and `**` any
   * number of segments.
   */
  operation: string;
  /** Number of calls to affect. Default: all calls until the fault is removed. */
  times?: number;
  /** Milliseconds to wait before the call is handled. */
  latency?: number;
  /** A promise to wait for before the call is handled. */
  until?: Promise<void>;
  /** Status to respond with instead of the real response. */
  status?: number;
  /** Body for `status`. Anything but a string is sent as JSON. */
  body?: unknown;
  /** Headers for `status`. */
  headers?: Record<string, string>;
  /**
   * What the client receives instead of a response: a reset connection (TCP RST), nothing at all, bytes that are not HTTP, or headers
   * and half of a body.
   */
  connection?: 'reset' | 'hang' | 'garbage' | 'truncate';
  /**
   * Whether `status` or `connection` replaces the handling of the call (`before`, the default) or only its response, after the call
   * took effect (`after`).
   */
  effect?: 'before' | 'after';
  /** Whether the server stops listening before it responds, until all faults are removed. */
  stopListening?: boolean;
  /** When to close the connection: before the call is handled, after it took effect, or halfway through the response body. */
  drop?: 'before' | 'after' | 'during';
  /** Milliseconds between the eight chunks in which the response body is sent. */
  slowBody?: number;
}

/** An active fault. */
interface ActiveFault extends Fault {
  matches: (method: string, path: string) => boolean;
  remaining: number;
}

/** Creates a predicate for calls that match `METHOD /path`, as described at {@link Fault.operation}. */
export function createOperationMatcher(operation: string): (method: string, path: string) => boolean {
  const [method = '*', path = '/**'] = operation.split(' ');
  const source = path
    .split('/')
    .map((segment) =>
      segment === '**'
        ? '.*'
        : segment === '*' || segment.startsWith(':')
          ? '[^/]+'
          : segment.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`),
    )
    .join('/');
  const pattern = new RegExp(`^${source}$`);
  return (callMethod, callPath) => (method === '*' || method === callMethod) && pattern.test(callPath);
}

/** Makes dev-logto fail in chosen ways. No fault is active at the start or after {@link reset}. */
export class Faults {
  /** Sending a code over these channels fails with 501 `connector.not_found`. */
  readonly connectorsRemoved = new Set<Channel>();
  /** Makes `check-password` fail with 400, a message and no issues, as if the breached-password service were down. */
  breachedPasswordServiceDown = false;
  #activeFaults: ActiveFault[] = [];
  #failedSends = 0;
  #rejectedTokens: 'none' | 'all' | Set<string> = 'none';
  #seenTokens = new Set<string>();
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  #closedPort: number | undefined;

  /** Sets the server that {@link stopListening} concerns. */
  attach(server: Server): void {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Closes all connections but one, and rejects new ones until {@link reset}. */
  stopListening(except?: Socket): void {
    if (this.#closedPort !== undefined || !this.#server) return;
    this.#closedPort = (this.#server.address() as AddressInfo).port;
    this.#server.close();
    for (const socket of this.#sockets) if (socket !== except) socket.destroy();
  }

  /** Adds a fault and returns a function that removes it. */
  add(fault: Fault): () => void {
    const activeFault: ActiveFault = {
      ...fault,
      matches: createOperationMatcher(fault.operation),
      remaining: fault.times ?? Infinity,
    };
    this.#activeFaults.push(activeFault);
    return () => {
      this.#activeFaults = this.#activeFaults.filter((other) => other !== activeFault);
    };
  }

  /** The active faults. `times` is the number of calls still to affect. */
  list(): Fault[] {
    return this.#activeFaults.map(({ matches: _matches, remaining, ...fault }) => ({
      ...fault,
      ...(Number.isFinite(remaining) && { times: remaining }),
    }));
  }

  /** Makes the next `times` message sends fail in the connector. */
  failSends(times = Infinity): void {
    this.#failedSends = times;
  }

  /** Returns whether the current message send must fail, and counts it. */
  consumeFailedSend(): boolean {
    if (this.#failedSends <= 0) return false;
    this.#failedSends -= 1;
    return true;
  }

  /**
   * Makes the Management API reject access tokens with 401. `used` rejects all tokens seen so far, as after
   * a key rotation. `all` also rejects new tokens. `none` removes the fault.
   */
  rejectTokens(which: 'none' | 'used' | 'all'): void {
    this.#rejectedTokens = which === 'used' ? new Set(this.#seenTokens) : which;
  }

  /** Records a token as seen and returns whether to reject it. */
  isTokenRejected(token: string): boolean {
    if (this.#rejectedTokens === 'all') return true;
    if (this.#seenTokens.size >= 10_000) this.#seenTokens.clear();
    this.#seenTokens.add(token);
    return this.#rejectedTokens !== 'none' && this.#rejectedTokens.has(token);
  }

  /** Removes all faults. */
  reset(): void {
    this.#activeFaults = [];
    if (this.#closedPort !== undefined) this.#server!.listen(this.#closedPort, '127.0.0.1');
    this.#closedPort = undefined;
    this.#failedSends = 0;
    this.#rejectedTokens = 'none';
    this.connectorsRemoved.clear();
    this.breachedPasswordServiceDown = false;
  }

  /** Handles a request with the matching faults applied. */
  async apply(request: IncomingMessage, response: ServerResponse, handle: Handler): Promise<void> {
    const path = request.url!.split('?', 1)[0]!;
    const matching = this.#selectMatching(request.method!, path);
    const latency = matching.reduce((sum, fault) => sum + (fault.latency ?? 0), 0);
    let handledRequest = request;
    const firstWith = (key: keyof Fault): Fault | undefined => matching.find((fault) => fault[key] !== undefined);
    const until = firstWith('until')?.until;
    if (latency > 0 || until) {
      handledRequest = await bufferRequest(request);
      await new Promise((resolve) => setTimeout(resolve, latency).unref());
      await until;
    }
    if (firstWith('stopListening')?.stopListening) {
      response.shouldKeepAlive = false;
      this.stopListening(request.socket);
    }
    const drop = firstWith('drop')?.drop;
    if (drop === 'before') return void request.socket.destroy();
    const broken = firstWith('connection');
    if (broken && broken.effect !== 'after') return breakConnection(request, broken.connection!);
    const failure = firstWith('status');
    if (failure && failure.effect !== 'after') {
      request.resume(); // Node.js reuses the connection only after the body has been read.
      return sendFailure(response, failure);
    }
    if (drop === 'after') discardResponse(response, () => request.socket.destroy());
    else if (broken) discardResponse(response, () => breakConnection(request, broken.connection!));
    else if (failure) discardResponse(response, (restored) => sendFailure(restored, failure));
    if (drop === 'during') dropHalfway(response, request);
    const pauseMs = firstWith('slowBody')?.slowBody;
    if (pauseMs !== undefined) sendInChunks(response, pauseMs);
    handle(handledRequest, response);
  }

  /** Whether any operation has a fault. Without one, requests skip {@link apply}. */
  get hasActiveFaults(): boolean {
    return this.#activeFaults.length > 0;
  }

  /**
   * Selects the faults that apply to a call and counts them. At most one fault with a `status`, `connection` or `drop`
   * applies; the others wait for later calls.
   */
  #selectMatching(method: string, path: string): ActiveFault[] {
    let isOutcomeSet = false;
    const matching = this.#activeFaults.filter((fault) => {
      if (!fault.matches(method, path)) return false;
      const setsOutcome = [fault.status, fault.connection, fault.drop].some((value) => value !== undefined);
      if (setsOutcome && isOutcomeSet) return false;
      isOutcomeSet ||= setsOutcome;
      return true;
    });
    for (const fault of matching) fault.remaining -= 1;
    this.#activeFaults = this.#activeFaults.filter((fault) => fault.remaining > 0);
    return matching;
  }
}

/** Reads the body in advance, because a slow Logto handles a request even if the client disconnects in the meantime. */
async function bufferRequest(request: IncomingMessage): Promise<IncomingMessage> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor } = request;
  const buffered = new IncomingMessage(request.socket);
  // Node.js closes the connection at the end of an incomplete request.
  const complete = true;
  Object.assign(buffered, {
    method,
    url,
    headers,
    rawHeaders,
    httpVersion,
    httpVersionMajor,
    httpVersionMinor,
    complete,
  });
  buffered.push(Buffer.concat(chunks));
  buffered.push(null);
  return buffered;
}

function breakConnection({ socket }: IncomingMessage, how: NonNullable<Fault['connection']>): void {
  if (how === 'reset') socket.resetAndDestroy();
  else if (how === 'garbage') socket.end('SSH-2.0-OpenSSH_9.2\r\n');
  else if (how === 'truncate') {
    socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"id":"');
  }
}

function sendFailure(
  response: ServerResponse,
  { status = 500, body = { message: 'Internal server error.' }, headers }: Fault,
): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  response.writeHead(status, { 'content-type': type, ...headers }).end(status === 204 ? undefined : text);
}

/** Discards what the handler sends. Calls `onEnd` with the restored response when the handler ends it. */
function discardResponse(response: ServerResponse, onEnd: (restored: ServerResponse) => void): void {
  const { writeHead, write, end, setHeader } = response;
  Object.assign(response, {
    setHeader: () => response,
    writeHead: () => response,
    write: () => true,
    end: () => {
      Object.assign(response, { writeHead, write, end, setHeader });
      onEnd(response);
      return response;
    },
  });
}

/** Sends the headers and half of the body, then closes the connection. */
function dropHalfway(response: ServerResponse, { socket }: IncomingMessage): void {
  response.end = ((chunk: unknown) => {
    const bytes = Buffer.from((chunk ?? '') as string);
    if (bytes.length === 0) socket.destroy();
    else response.write(bytes.subarray(0, bytes.length / 2), () => socket.destroy());
    return response;
  }) as typeof response.end;
}

/** Sends the body in eight chunks, `pauseMs` milliseconds apart. */
function sendInChunks(response: ServerResponse, pauseMs: number): void {
  const end = response.end.bind(response);
  response.end = ((chunk?: unknown) => {
    response.end = end;
    const bytes = typeof chunk === 'string' || Buffer.isBuffer(chunk) ? Buffer.from(chunk as string) : Buffer.alloc(0);
    const size = Math.max(1, Math.ceil(bytes.length / 8));
    const send = (from: number): void => {
      if (response.destroyed) return;
      if (from >= bytes.length) return void end();
      response.write(bytes.subarray(from, from + size));
      setTimeout(send, pauseMs, from + size).unref();
    };
    send(0);
    return response;
  }) as typeof response.end;
}
