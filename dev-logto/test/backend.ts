import { startDevLogto, type DevLogto, type DevLogtoOptions } from '../src/index.js';

export interface ApiResponse {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

const BASIC_CREDENTIALS = Buffer.from('m2m-profile-service:dev-only-m2m-secret').toString('base64');

/** Starts a dev-logto on a free port and calls its APIs as a backend does. */
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

  /** Requests an access token for the Management API. */
  requestToken(): Promise<Response> {
    return fetch(`${this.logto.endpoint}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${BASIC_CREDENTIALS}` },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: 'https://default.logto.app/api',
        scope: 'all',
      }),
    });
  }

  /** Requests the access token for later calls. */
  async renewToken(): Promise<void> {
    const { access_token: token } = (await (await this.requestToken()).json()) as { access_token: string };
    this.#token = token;
  }

  /** Calls the Management API, or the control API if the path starts with `/dev`. */
  call(method: string, path: string, body?: unknown): Promise<ApiResponse> {
    return this.send(method, path, body === undefined ? undefined : JSON.stringify(body));
  }

  /** Like `call`, with a body that may be invalid JSON. */
  async send(method: string, path: string, body: string | undefined): Promise<ApiResponse> {
    if (!this.#token) await this.renewToken();
    const response = await fetch(this.logto.endpoint + (path.startsWith('/dev') ? path : `/api${path}`), {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body,
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    const parsed = (isJson ? JSON.parse(text) : { text }) as ApiResponse['body'];
    return { status: response.status, headers: response.headers, body: parsed };
  }
}

/** Ids of the users in the default seed. */
export const ALICE = 'alice0000001';
export const BOB = 'bob000000001';
