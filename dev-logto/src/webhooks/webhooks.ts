import { createHmac } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { generateId } from '../tenant/ids.js';
import type { Tenant } from '../tenant/tenant.js';
import type { Hook, JsonObject } from '../tenant/types.js';

/** The log entry of one delivery, as returned by `recent-logs`. */
export interface HookLog {
  id: string;
  hookId: string;
  event: string;
  succeeded: boolean;
  body: JsonObject;
  response?: { statusCode: number; body: unknown };
  error?: string;
  createdAt: number;
}

/**
 * Sends webhooks as Logto does: after the response to the call that caused them, signed with the hex
 * HMAC-SHA-256 of the raw body, with a 10 s timeout and without retries. Logto ignores `config.retries`.
 */
export class Webhooks {
  /** Newest first. */
  readonly logs: HookLog[] = [];
  /** Milliseconds to wait for a listener's response. */
  timeout = 10_000;
  #pending = new Set<Promise<void>>();
  #stopped = new AbortController();

  constructor(private readonly tenant: Tenant) {}

  /** Sends a webhook about a change. Its `data` is the response of the API call. Returns `data`. */
  notifyChange<Data>(event: string, request: FastifyRequest, data: Data): Data {
    this.trigger(event, { ...describeSender(request), ...describeCall(request, 200), data: structuredClone(data) });
    return data;
  }

  /** Sends a webhook about a deletion. `data` is the deleted entity, because the API response has no body. */
  notifyDeletion(event: string, request: FastifyRequest, data: object): void {
    this.trigger(event, { ...describeSender(request), data: structuredClone(data), ...describeCall(request, 204) });
  }

  /** Sends a webhook without details of the API call, as Logto does for `/logto-configs`. */
  notifyEvent(event: string, request: FastifyRequest, data: object): void {
    this.trigger(event, { ...describeSender(request), data: structuredClone(data) });
  }

  /** Sends an event to every enabled hook that subscribes to it. */
  trigger(event: string, body: JsonObject): void {
    for (const hook of this.tenant.hooks.values()) {
      if (!hook.enabled || !hook.events.includes(event)) continue;
      const createdAt = new Date(this.tenant.clock.now()).toISOString();
      const delivery = this.#deliver(hook, event, { event, createdAt, ...body, hookId: hook.id });
      this.#pending.add(delivery);
      void delivery.finally(() => this.#pending.delete(delivery));
    }
  }

  /** Resolves when all deliveries have ended, whether they succeeded or failed. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  /** Aborts all deliveries in progress. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.settled();
  }

  /** Sends one signed request. Rejects on a network error or timeout. */
  async post({ config, signingKey }: Pick<Hook, 'config' | 'signingKey'>, body: JsonObject): Promise<Response> {
    const raw = JSON.stringify(body);
    return fetch(config.url, {
      method: 'POST',
      body: raw,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Logto (https://logto.io/)',
        'logto-signature-sha-256': createHmac('sha256', signingKey).update(raw).digest('hex'),
        ...config.headers,
      },
      signal: AbortSignal.any([AbortSignal.timeout(this.timeout), this.#stopped.signal]),
    });
  }

  async #deliver(hook: Hook, event: string, body: JsonObject): Promise<void> {
    // The response to the call that caused the webhook is sent first.
    await new Promise((resolve) => setImmediate(resolve));
    const log: HookLog = { id: generateId(), hookId: hook.id, event, succeeded: false, body, createdAt: 0 };
    try {
      const response = await this.post(hook, body);
      const text = await response.text();
      log.response = { statusCode: response.status, body: parseJsonOrText(text) };
      log.succeeded = response.ok;
      if (!response.ok) log.error = formatHttpError(response);
    } catch (error) {
      log.error = formatNetworkError(error as Error & { cause?: object });
    }
    log.createdAt = this.tenant.clock.now();
    this.logs.unshift(log);
    this.logs.splice(1000);
  }
}

const describeSender = (request: FastifyRequest): JsonObject => ({
  userAgent: request.headers['user-agent'],
  ip: request.ip,
});

/** Describes the API call. Logto omits `/api` from its path. */
const describeCall = (request: FastifyRequest, status: number): JsonObject => ({
  path: request.url.split('?', 1)[0]!.replace(/^\/api/, ''),
  method: request.method,
  status,
  params: { ...(request.params as JsonObject) },
  matchedRoute: (request.routeOptions.url ?? '').replace(/^\/api/, ''),
});

function parseJsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Formats the error as Logto's HTTP client does in `recent-logs`. */
function formatHttpError({ status, statusText }: Response): string {
  const message = `Request failed with status code ${status} ${statusText}`.trim();
  return `HTTPError: ${JSON.stringify({ message, response: {}, request: {} })}`;
}

function formatNetworkError(error: Error & { cause?: object }): string {
  if (error.name === 'TimeoutError') {
    return `TimeoutError: ${JSON.stringify({ message: 'Request timed out', request: {}, name: 'TimeoutError' })}`;
  }
  const { message, cause } = error;
  return `${error.name}: ${JSON.stringify({ message, cause: cause && { message: (cause as Error).message, ...cause } })}`;
}
