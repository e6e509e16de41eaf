import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startDevLogto, type DevLogto } from '../../src/index.js';
import type { Hook, JsonObject, User } from '../../src/tenant/types.js';
import type { Browser } from './browser.js';
import { Comparison } from './compare.js';
import type { Recording } from './recordings.js';
import { seed } from './seed.js';

const BACKEND = 'ysx0ycpo2hsc6vbz0uoff:first-secret';

/** A request that dev-logto sent. */
export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** The dev-logto under test with the state and the secrets that the recordings speak of. */
export class World {
  /** What stands for a `<label>` of the recordings. */
  readonly values = new Map<string, string>();
  /** Credentials for `Basic <base64(id:secret)>`. */
  basic = BACKEND;
  /** The codes that are sent from now on, in order. */
  codes: string[] = [];
  readonly received: Received[] = [];
  /** The browser whose cookies are sent for `<session cookies>`. */
  browser?: Browser;
  /** The latest answer. */
  last = '';
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

  user(id: string): User {
    const user = this.logto.tenant.users.get(this.comparison.translate(id));
    if (!user) throw new Error(`No user ${id} yet`);
    return user;
  }

  async addUser(user: Partial<User> & { password?: string }): Promise<void> {
    await this.logto.tenant.addSeedUser(user, this.logto.passwords.hash);
  }

  hook(id: string): Hook {
    return this.logto.tenant.hooks.get(this.comparison.translate(id))!;
  }

  get lastJson(): JsonObject {
    return JSON.parse(this.last) as JsonObject;
  }

  /** What the sign-out page, the latest answer, sends back. */
  rememberXsrf(): void {
    this.values.set('xsrf', /name="xsrf" value="([^"]+)"/.exec(this.last)![1]!);
  }

  post = (path: string, body: object): Promise<Response> => this.#call('POST', path, body);

  patch = (path: string, body: object): Promise<Response> => this.#call('PATCH', path, body);

  async #call(method: string, path: string, body: object): Promise<Response> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.values.get('m2m token')}` };
    const response = await fetch(this.logto.endpoint + path, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}`);
    return response;
  }

  /** A machine token of an application. */
  async machineToken(client: string, form: Record<string, string>): Promise<string> {
    const response = await fetch(`${this.logto.endpoint}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(client).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...form }),
    });
    const { access_token: token } = (await response.json()) as { access_token?: string };
    if (!token) throw new Error(`No token for ${client}`);
    return token;
  }

  /** Sends a recorded request as it would be to this dev-logto. */
  async send({ request }: Recording, replacedBody?: string): Promise<Answer> {
    const headers = Object.fromEntries(
      Object.entries(request.headers ?? {}).map(([name, value]) => [name, this.#fill(value)]),
    );
    const body = replacedBody ?? this.#body(request.body, headers['content-type']);
    const response = await fetch(this.logto.endpoint + this.#fill(request.path), {
      method: request.method,
      headers,
      body,
      redirect: 'manual',
    });
    this.last = await response.text();
    this.basic = BACKEND;
    return { status: response.status, headers: response.headers, text: this.last };
  }

  #body(body: unknown, type = ''): string | undefined {
    if (body === null || body === undefined) return undefined;
    if (type.includes('form-urlencoded')) {
      const pairs = Object.entries(body as Record<string, string>);
      const filled = pairs.map(([key, value]): [string, string] => [key, this.#fill(value)]);
      return new URLSearchParams(filled).toString();
    }
    return this.#fill(typeof body === 'string' ? body : JSON.stringify(body));
  }

  /** Puts values for labels, and this run's listener and ids for the recorded ones. */
  #fill(text: string): string {
    const filled = text
      .replace('<base64(id:secret)>', () => Buffer.from(this.basic).toString('base64'))
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
