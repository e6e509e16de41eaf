import { startDevLogto, type DevLogto, type DevLogtoOptions } from '../src/index.js';

export interface Reply {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

const M2M = Buffer.from('m2m-profile-service:dev-only-m2m-secret').toString('base64');

/** A dev-logto on a free port, and a backend that calls it. */
export class Backend {
  #token?: string;

  private constructor(readonly logto: DevLogto) {}

  static async start(options: DevLogtoOptions = {}): Promise<Backend> {
    const passwordCost = { memoryCost: 64, timeCost: 1 };
    return new Backend(await startDevLogto({ port: 0, passwordCost, ...options }));
  }

  stop(): Promise<void> {
    return this.logto.stop();
  }

  token(): Promise<Response> {
    return fetch(`${this.logto.endpoint}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${M2M}` },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: 'https://default.logto.app/api',
        scope: 'all',
      }),
    });
  }

  async newToken(): Promise<void> {
    const { access_token: token } = (await (await this.token()).json()) as { access_token: string };
    this.#token = token;
  }

  /** A call of the Management API, or with a path under `/dev` of the control API. */
  async call(method: string, path: string, body?: unknown): Promise<Reply> {
    if (!this.#token) await this.newToken();
    const response = await fetch(this.logto.endpoint + (path.startsWith('/dev') ? path : `/api${path}`), {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    const parsed = (isJson ? JSON.parse(text) : { text }) as Reply['body'];
    return { status: response.status, headers: response.headers, body: parsed };
  }
}

/** A seeded user of every dev-logto. */
export const ALICE = 'alice0000001';
export const BOB = 'bob000000001';
