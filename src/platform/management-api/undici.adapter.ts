import { AxiosError, type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { Agent, type Dispatcher } from 'undici';

/** Logto closes a connection after 5 s without a request; a write to a closing connection fails and is not retried. */
const IDLE_SOCKET_MS = 4_000;

/** Far larger than any expected response. A larger one is an error, and must not fill the memory. */
const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;

/**
 * Creates a pool of at most `connections` connections to each origin; each is closed after 4 s without a request.
 * Destroy it when the application stops.
 */
export const createAgent = (connections: number): Agent =>
  new Agent({
    connections,
    pipelining: 1,
    keepAliveTimeout: IDLE_SOCKET_MS,
    keepAliveMaxTimeout: IDLE_SOCKET_MS,
    maxResponseSize: MAX_RESPONSE_BYTES,
    // The adapter's timer covers the whole attempt; undici's own are coarse and each covers a part of it.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

declare module 'axios' {
  interface AxiosRequestConfig {
    /** Called when a connection is ready, immediately before the first byte is written. If false, nothing is sent. */
    maySend?: () => boolean;
  }
}

/** The code of the error if `maySend` returned false. */
export const SENDING_FORBIDDEN = 'ESENDINGFORBIDDEN';

/** A request without a response. `code` is `ETIMEDOUT` for the timeout of the attempt, otherwise that of the cause. */
export class TransportError extends AxiosError {
  constructor(
    code: string,
    /** Whether writing was about to begin: false means that the server received nothing. */
    readonly sent: boolean,
    config: InternalAxiosRequestConfig,
    cause?: unknown,
  ) {
    super(code, code, config);
    this.cause = cause instanceof Error ? cause : undefined;
  }
}

/**
 * An axios adapter on undici: two to three times the throughput of axios on node:http (docs/decisions/dependencies.md).
 * Accepts string and Buffer bodies, and returns bodies as text, with the usual axios errors. `config.timeout` (ms)
 * limits the attempt from the call to the last byte, including the wait for a connection. Redirects are not followed.
 */
export const undiciAdapter =
  (dispatcher: Dispatcher): AxiosAdapter =>
  (config) =>
    new Promise<AxiosResponse>((resolve, reject) => {
      const url = requestUrl(config);
      const attempt = new Attempt(config, resolve, reject);
      dispatcher.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method: (config.method ?? 'get').toUpperCase() as Dispatcher.HttpMethod,
          headers: plainHeaders(config),
          body: config.data as string | Buffer | null | undefined,
        },
        attempt,
      );
    });

const requestUrl = (config: InternalAxiosRequestConfig): URL => {
  const url = new URL(/^https?:/.test(config.url!) ? config.url! : `${config.baseURL ?? ''}${config.url}`);
  for (const [name, value] of Object.entries((config.params ?? {}) as Record<string, unknown>)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
};

const plainHeaders = (config: InternalAxiosRequestConfig): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(config.headers)) {
    if (value !== undefined && value !== null && value !== false) headers[name] = String(value);
  }
  return headers;
};

class Attempt implements Dispatcher.DispatchHandler {
  private readonly chunks: Buffer[] = [];
  private readonly timer: NodeJS.Timeout | undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private timedOut = false;
  private status = 0;
  private headers: Record<string, string | string[] | undefined> = {};

  constructor(
    private readonly config: InternalAxiosRequestConfig,
    private readonly resolve: (response: AxiosResponse) => void,
    private readonly reject: (error: AxiosError) => void,
  ) {
    if (config.timeout) this.timer = setTimeout(() => this.timeOut(), config.timeout);
  }

  /** Called by undici when a connection is ready, just before it writes. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.timedOut) controller.abort(new Error('timed out while waiting for a connection'));
    else if (this.config.maySend?.() === false) {
      controller.abort(Object.assign(new Error('no longer allowed'), { code: SENDING_FORBIDDEN }));
    } else this.controller = controller;
  }

  onResponseStart(_controller: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    clearTimeout(this.timer);
    const { config, status } = this;
    const response = {
      data: Buffer.concat(this.chunks).toString('utf8'),
      status,
      statusText: '',
      headers: this.headers,
      config,
      request: undefined,
    } as AxiosResponse;
    if (!config.validateStatus || config.validateStatus(status)) return this.resolve(response);
    const code = status >= 500 ? AxiosError.ERR_BAD_RESPONSE : AxiosError.ERR_BAD_REQUEST;
    this.reject(new AxiosError(`status ${status}`, code, config, undefined, response));
  }

  onResponseError(_controller: unknown, error: NodeJS.ErrnoException): void {
    clearTimeout(this.timer);
    this.reject(new TransportError(error.code ?? 'ECONNRESET', this.controller !== undefined, this.config, error));
  }

  private timeOut(): void {
    this.timedOut = true;
    this.reject(new TransportError('ETIMEDOUT', this.controller !== undefined, this.config));
    this.controller?.abort(new Error('timed out'));
  }
}
