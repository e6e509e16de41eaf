import { IncomingMessage, type ServerResponse } from 'node:http';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
export type Channel = 'email' | 'sms';

/** What goes wrong with the calls of one operation. */
export interface Fault {
  /** `METHOD /path`; in the path `*` or `:name` is one segment, `**` any number; the method may be `*`. */
  operation: string;
  /** How many calls it strikes; without it, all until it is removed. */
  times?: number;
  /** Milliseconds before the call is handled. */
  latency?: number;
  /** This status instead of the real answer … */
  status?: number;
  /** … with this body (as JSON unless a string) and these headers. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Whether `status` is given instead of the call (`before`, the default) or although it took effect (`after`). */
  effect?: 'before' | 'after';
  /** The connection is cut before the call is handled, after it took effect and before its response, or in the middle of that. */
  drop?: 'before' | 'after' | 'during';
  /** The body comes in pieces, one each so many milliseconds. */
  slowBody?: number;
}

interface Rule extends Fault {
  matches: (method: string, path: string) => boolean;
  left: number;
}

/** Compiles `METHOD /path` patterns. */
export function operationMatcher(operation: string): (method: string, path: string) => boolean {
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
  return (givenMethod, givenPath) => (method === '*' || method === givenMethod) && pattern.test(givenPath);
}

/** Switches that make dev-logto fail in chosen ways. All are off at the start and after {@link reset}. */
export class Faults {
  /** Sends to these are answered 501 `connector.not_found`. */
  readonly connectorsRemoved = new Set<Channel>();
  /** `check-password` cannot ask about breached passwords: 400 with a message and no issues. */
  breachedPasswordServiceDown = false;
  #rules: Rule[] = [];
  #failedSends = 0;
  #refused: 'none' | 'all' | Set<string> = 'none';
  #seenTokens = new Set<string>();

  /** Adds a fault. Gives a function that takes it away again. */
  add(fault: Fault): () => void {
    const rule: Rule = { ...fault, matches: operationMatcher(fault.operation), left: fault.times ?? Infinity };
    this.#rules.push(rule);
    return () => {
      this.#rules = this.#rules.filter((other) => other !== rule);
    };
  }

  /** The faults that are still to strike. */
  list(): Fault[] {
    return this.#rules.map(({ matches: _matches, left, ...fault }) => ({
      ...fault,
      ...(Number.isFinite(left) && { times: left }),
    }));
  }

  /** The next so many message sends fail in the connector, without a message. */
  failSends(times = Infinity): void {
    this.#failedSends = times;
  }

  takeFailedSend(): boolean {
    if (this.#failedSends <= 0) return false;
    this.#failedSends -= 1;
    return true;
  }

  /**
   * The Management API refuses access tokens with 401: `used`, those that it has seen so far (as after a
   * rotation of keys); `all`, those issued from now on as well; `none` ends it.
   */
  refuseTokens(which: 'none' | 'used' | 'all'): void {
    this.#refused = which === 'used' ? new Set(this.#seenTokens) : which;
  }

  refusesToken(token: string): boolean {
    if (this.#refused === 'all') return true;
    if (this.#seenTokens.size >= 10_000) this.#seenTokens.clear();
    this.#seenTokens.add(token);
    return this.#refused !== 'none' && this.#refused.has(token);
  }

  /** All switches off. */
  reset(): void {
    this.#rules = [];
    this.#failedSends = 0;
    this.#refused = 'none';
    this.connectorsRemoved.clear();
    this.breachedPasswordServiceDown = false;
  }

  /** Passes a request on through the faults that match it. */
  async strike(request: IncomingMessage, response: ServerResponse, handle: Handler): Promise<void> {
    const path = request.url!.split('?', 1)[0]!;
    const struck = this.#take(request.method!, path);
    const latency = struck.reduce((sum, fault) => sum + (fault.latency ?? 0), 0);
    let whole = request;
    if (latency > 0) {
      whole = await readAhead(request);
      await new Promise((resolve) => setTimeout(resolve, latency).unref());
    }
    const of = <Key extends keyof Fault>(key: Key): Fault | undefined =>
      struck.find((fault) => fault[key] !== undefined);
    const drop = of('drop')?.drop;
    if (drop === 'before') return void request.socket.destroy();
    const fixed = of('status');
    if (fixed && fixed.effect !== 'after') {
      request.resume(); // The connection can be used again only when the body has been read.
      return answer(response, fixed);
    }
    if (drop === 'after') replaceEnd(response, () => request.socket.destroy());
    else if (fixed) replaceEnd(response, (restored) => answer(restored, fixed));
    if (drop === 'during') cutInHalf(response, request);
    const slow = of('slowBody')?.slowBody;
    if (slow !== undefined) trickle(response, slow);
    handle(whole, response);
  }

  /** Whether any fault could strike: the fast path skips the rest. */
  get armed(): boolean {
    return this.#rules.length > 0;
  }

  /** The faults that a call meets: of those that decide its outcome only the first, the others wait their turn. */
  #take(method: string, path: string): Rule[] {
    let decided = false;
    const struck = this.#rules.filter((rule) => {
      if (!rule.matches(method, path)) return false;
      const decides = rule.status !== undefined || rule.drop !== undefined;
      if (decides && decided) return false;
      decided ||= decides;
      return true;
    });
    for (const rule of struck) rule.left -= 1;
    this.#rules = this.#rules.filter((rule) => rule.left > 0);
    return struck;
  }
}

/** A slow Logto has long read the request: it carries it out even when its caller gave up meanwhile. */
async function readAhead(request: IncomingMessage): Promise<IncomingMessage> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor } = request;
  const whole = new IncomingMessage(request.socket);
  // Not complete, it would take the connection down with it in the end.
  const complete = true;
  Object.assign(whole, { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor, complete });
  whole.push(Buffer.concat(chunks));
  whole.push(null);
  return whole;
}

function answer(
  response: ServerResponse,
  { status = 500, body = { message: 'Internal server error.' }, headers }: Fault,
): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  response.writeHead(status, { 'content-type': type, ...headers }).end(status === 204 ? undefined : text);
}

/** Lets the handler do its work but not answer: what happens at its end is up to `instead`. */
function replaceEnd(response: ServerResponse, instead: (restored: ServerResponse) => void): void {
  const { writeHead, write, end, setHeader } = response;
  Object.assign(response, {
    setHeader: () => response,
    writeHead: () => response,
    write: () => true,
    end: () => {
      Object.assign(response, { writeHead, write, end, setHeader });
      instead(response);
      return response;
    },
  });
}

/** Sends the head of a response and half of its body, and cuts the connection. */
function cutInHalf(response: ServerResponse, { socket }: IncomingMessage): void {
  response.end = ((chunk: unknown) => {
    const bytes = Buffer.from((chunk ?? '') as string);
    if (bytes.length === 0) socket.destroy();
    else response.write(bytes.subarray(0, bytes.length / 2), () => socket.destroy());
    return response;
  }) as typeof response.end;
}

/** Sends a body in eight pieces with pauses between them. */
function trickle(response: ServerResponse, pause: number): void {
  const end = response.end.bind(response);
  response.end = ((chunk?: unknown) => {
    response.end = end;
    const bytes = typeof chunk === 'string' || Buffer.isBuffer(chunk) ? Buffer.from(chunk as string) : Buffer.alloc(0);
    const size = Math.max(1, Math.ceil(bytes.length / 8));
    const send = (from: number): void => {
      if (response.destroyed) return;
      if (from >= bytes.length) return void end();
      response.write(bytes.subarray(from, from + size));
      setTimeout(send, pause, from + size).unref();
    };
    send(0);
    return response;
  }) as typeof response.end;
}
