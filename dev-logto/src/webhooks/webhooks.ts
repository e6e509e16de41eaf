import { createHmac } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { generateId } from '../tenant/ids.js';
import type { Tenant } from '../tenant/tenant.js';
import type { Hook, JsonObject } from '../tenant/types.js';

/** One delivery, as `recent-logs` shows it. */
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
 * Sends the tenant's webhooks as Logto does: after the answer, one attempt, 10 s timeout, no retry whatever
 * `config.retries` says, signed with hex HMAC-SHA-256 of the raw body.
 */
export class Webhooks {
  /** Newest first. */
  readonly logs: HookLog[] = [];
  /** Milliseconds until a listener that does not answer is given up. */
  timeout = 10_000;
  #pending = new Set<Promise<void>>();
  #stopped = new AbortController();

  constructor(private readonly tenant: Tenant) {}

  /** A change by a call whose answer is the webhook's `data`. Gives the answer back. */
  onChange<Data>(event: string, request: FastifyRequest, data: Data): Data {
    this.trigger(event, { ...sender(request), ...call(request, 200), data: structuredClone(data) });
    return data;
  }

  /** `User.Deleted`: the former user, since the answer has no body. */
  onDelete(event: string, request: FastifyRequest, data: object): void {
    this.trigger(event, { ...sender(request), data: structuredClone(data), ...call(request, 204) });
  }

  /** A change that Logto reports without the call that made it (`/logto-configs`). */
  onEvent(event: string, request: FastifyRequest, data: object): void {
    this.trigger(event, { ...sender(request), data: structuredClone(data) });
  }

  /** Sends to every enabled hook of the event. */
  trigger(event: string, body: JsonObject): void {
    for (const hook of this.tenant.hooks.values()) {
      if (!hook.enabled || !hook.events.includes(event)) continue;
      const createdAt = new Date(this.tenant.clock.now()).toISOString();
      const delivery = this.#deliver(hook, event, { event, createdAt, ...body, hookId: hook.id });
      this.#pending.add(delivery);
      void delivery.finally(() => this.#pending.delete(delivery));
    }
  }

  /** When all deliveries so far have ended, well or badly. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  /** Gives up all deliveries under way. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.settled();
  }

  /** One signed request; rejects when there is no answer. */
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
    // The answer to the call that caused it goes first.
    await new Promise((resolve) => setImmediate(resolve));
    const log: HookLog = { id: generateId(), hookId: hook.id, event, succeeded: false, body, createdAt: 0 };
    try {
      const response = await this.post(hook, body);
      const text = await response.text();
      log.response = { statusCode: response.status, body: asJson(text) };
      log.succeeded = response.ok;
      if (!response.ok) log.error = httpError(response);
    } catch (error) {
      log.error = networkError(error as Error & { cause?: object });
    }
    log.createdAt = this.tenant.clock.now();
    this.logs.unshift(log);
    this.logs.splice(1000);
  }
}

const sender = (request: FastifyRequest): JsonObject => ({
  userAgent: request.headers['user-agent'],
  ip: request.ip,
});

/** The call as Logto names it: without `/api`. */
const call = (request: FastifyRequest, status: number): JsonObject => ({
  path: request.url.split('?', 1)[0]!.replace(/^\/api/, ''),
  method: request.method,
  status,
  params: { ...(request.params as JsonObject) },
  matchedRoute: (request.routeOptions.url ?? '').replace(/^\/api/, ''),
});

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Errors in the words of Logto's HTTP client, as they show in `recent-logs`. */
function httpError({ status, statusText }: Response): string {
  const message = `Request failed with status code ${status} ${statusText}`.trim();
  return `HTTPError: ${JSON.stringify({ message, response: {}, request: {} })}`;
}

function networkError(error: Error & { cause?: object }): string {
  if (error.name === 'TimeoutError') {
    return `TimeoutError: ${JSON.stringify({ message: 'Request timed out', request: {}, name: 'TimeoutError' })}`;
  }
  const { message, cause } = error;
  return `${error.name}: ${JSON.stringify({ message, cause: cause && { message: (cause as Error).message, ...cause } })}`;
}
