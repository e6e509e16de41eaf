import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startDevLogto, type DevLogto } from '../../src/index.js';
import type { Hook, JsonObject, User } from '../../src/tenant/types.js';
import type { Browser } from './browser.js';
import { Comparison } from './compare.js';
import type { Recording } from './recordings.js';
import { seed } from './seed.js';

const DEFAULT_CREDENTIALS = 'ysx0ycpo2hsc6vbz0uoff:first-secret';

/** A request that dev-logto sent to the listener of this test. */
export interface ReceivedRequest {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface ReceivedResponse {
  status: number;
  headers: Headers;
  text: string;
}

/** A running dev-logto and the state that a replay carries from one recording to the next. */
export class ReplayContext {
  /** Values by label. In the recordings, `<label>` stands for a secret or a token. */
  readonly values = new Map<string, string>();
  /** Credentials for `Basic <base64(id:secret)>`. */
  credentials = DEFAULT_CREDENTIALS;
  /** The verification codes that dev-logto sends next. */
  codes: string[] = [];
  /** Webhooks and logout tokens that dev-logto has sent to the listener. */
  readonly received: ReceivedRequest[] = [];
  /** The browser whose cookies replace `<session cookies>`. */
  browser?: Browser;
  /** Body of the latest response. */
  lastBody = '';
  logto!: DevLogto;
  comparison!: Comparison;
  #listener!: Server;

  async start(): Promise<this> {
    this.logto = await startDevLogto({
      port: 0,
      seed,
      passwordCost: { memoryCost: 64, timeCost: 1 },
      generateCode: () => this.codes.shift() ?? '123456',
    });
    await this.#listen();
    this.comparison = new Comparison({
      'http://localhost:3111': this.logto.endpoint,
      'http://logto.test': this.logto.endpoint,
      'http%3A%2F%2Flogto.test': encodeURIComponent(this.logto.endpoint),
      'http://127.0.0.1:39925': this.listenerUrl,
    });
    return this;
  }

  async stop(): Promise<void> {
    await this.logto.stop();
    this.#listener.closeAllConnections();
    await new Promise((resolve) => this.#listener.close(resolve));
  }

  /** Returns the user with a recorded ID. */
  getUser(id: string): User {
    const user = this.logto.tenant.users.get(this.comparison.translate(id));
    if (!user) throw new Error(`No user ${id} yet`);
    return user;
  }

  async addUser(user: Partial<User> & { password?: string }): Promise<void> {
    await this.logto.tenant.addSeedUser(user, this.logto.passwords.hash);
  }

  /** Returns the webhook with a recorded ID. */
  getHook(id: string): Hook {
    return this.logto.tenant.hooks.get(this.comparison.translate(id))!;
  }

  /** The latest response, parsed. */
  get lastJson(): JsonObject {
    return JSON.parse(this.lastBody) as JsonObject;
  }

  /** Stores the XSRF token of the sign-out page, which is the latest response. */
  storeXsrfToken(): void {
    this.values.set('xsrf', /name="xsrf" value="([^"]+)"/.exec(this.lastBody)![1]!);
  }

  post = (path: string, body: object): Promise<Response> => this.#call('POST', path, body);

  patch = (path: string, body: object): Promise<Response> => this.#call('PATCH', path, body);

  async #call(method: string, path: string, body: object): Promise<Response> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.values.get('m2m token')}` };
    const response = await fetch(this.logto.endpoint + path, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path} returned ${response.status}`);
    return response;
  }

  /** Requests an access token for a machine-to-machine application. */
  async requestMachineToken(client: string, form: Record<string, string>): Promise<string> {
    const response = await fetch(`${this.logto.endpoint}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(client).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...form }),
    });
    const { access_token: token } = (await response.json()) as { access_token?: string };
    if (!token) throw new Error(`No token for ${client}`);
    return token;
  }

  /** Sends a recorded request to this dev-logto. */
  async send({ request }: Recording, generatedBody?: string): Promise<ReceivedResponse> {
    const headers = Object.fromEntries(
      Object.entries(request.headers ?? {}).map(([name, value]) => [name, this.#replaceLabels(value)]),
    );
    const body = generatedBody ?? this.#encodeBody(request.body, headers['content-type']);
    const response = await fetch(this.logto.endpoint + this.#replaceLabels(request.path), {
      method: request.method,
      headers,
      body,
      redirect: 'manual',
    });
    this.lastBody = await response.text();
    this.credentials = DEFAULT_CREDENTIALS;
    return { status: response.status, headers: response.headers, text: this.lastBody };
  }

  #encodeBody(body: unknown, type = ''): string | undefined {
    if (body === null || body === undefined) return undefined;
    if (type.includes('form-urlencoded')) {
      const pairs = Object.entries(body as Record<string, string>);
      const filled = pairs.map(([key, value]): [string, string] => [key, this.#replaceLabels(value)]);
      return new URLSearchParams(filled).toString();
    }
    return this.#replaceLabels(typeof body === 'string' ? body : JSON.stringify(body));
  }

  /** Replaces labels with their values, and recorded ids and addresses with those of this run. */
  #replaceLabels(text: string): string {
    const filled = text
      .replace('<base64(id:secret)>', () => Buffer.from(this.credentials).toString('base64'))
      .replace('<session cookies>', () => this.browser?.cookies ?? '')
      .replaceAll(/<([^<>/]+)>/g, (label, name: string) => this.values.get(name) ?? label);
    return this.comparison.translate(filled);
  }

  get listenerUrl(): string {
    return `http://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`;
  }

  async #listen(): Promise<void> {
    this.#listener = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        this.received.push({ path: request.url!, headers: request.headers, body });
        const status = Number(/^\/(?:fail)?(\d{3})/.exec(request.url!)?.[1] ?? 200);
        if (request.url === '/hang') return;
        response.writeHead(status, status >= 300 && status < 400 ? { location: '/landed' } : {});
        response.end(request.url === '/hook' ? '{"ok":true}' : status === 500 ? 'no' : '');
      });
    });
    await new Promise<void>((resolve) => this.#listener.listen(0, '127.0.0.1', resolve));
  }
}
