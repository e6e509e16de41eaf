import { randomBytes } from 'node:crypto';
import { Agent, fetch } from 'undici';
import type { AppConfig } from '../../src/platform/config/app-config.js';

/** Opens a new connection for each request, because a test may pause longer than the 5 s after which Logto closes an idle one. */
const dispatcher = new Agent({ pipelining: 0 });

export interface NewUser {
  username?: string;
  password?: string;
  primaryEmail?: string;
  primaryPhone?: string;
  name?: string;
  avatar?: string;
  customData?: Record<string, unknown>;
  profile?: Record<string, unknown>;
}

export interface TenantUser extends NewUser {
  id: string;
  username: string;
}

/** Calls the Management API of a Logto tenant directly, as its operator would. */
export class LogtoTenant {
  private readonly created: TenantUser[] = [];
  private token?: Promise<string>;

  constructor(private readonly config: Pick<AppConfig, 'logto'>) {}

  /** Calls the Management API, such as `call('GET', '/users/abc')`. @throws Error if the call fails */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON: each test knows its shape
  async call(method: string, path: string, body?: unknown): Promise<any> {
    this.token ??= this.fetchToken();
    const response = await fetch(`${this.config.logto.endpoint}/api${path}`, {
      dispatcher,
      method,
      headers: {
        authorization: `Bearer ${await this.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** Creates a user with `data` and, by default, a random username. */
  async createUser(data: NewUser = {}): Promise<TenantUser> {
    const user = { username: `u${randomBytes(6).toString('hex')}`, ...data };
    const { id } = (await this.call('POST', '/users', user)) as { id: string };
    const created = { ...user, id };
    this.created.push(created);
    return created;
  }

  /** Returns a user that {@link createUser} created, with the initial password. */
  createdUser(username: string): TenantUser {
    const user = this.created.find((created) => created.username === username);
    if (!user) throw new Error(`The test created no user ${username}.`);
    return user;
  }

  user(id: string): Promise<Record<string, unknown> & { customData: object; profile: object }> {
    return this.call('GET', `/users/${id}`);
  }

  /** Removes the created users that still exist. */
  async removeUsers(): Promise<void> {
    for (const { id } of this.created.splice(0)) await this.call('DELETE', `/users/${id}`).catch(() => undefined);
  }

  private async fetchToken(): Promise<string> {
    const { issuer, m2mAppId, m2mAppSecret, managementApiResource } = this.config.logto;
    const response = await fetch(`${issuer}/token`, {
      dispatcher,
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${m2mAppId}:${m2mAppSecret}`).toString('base64')}` },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: managementApiResource,
        scope: 'all',
      }),
    });
    if (!response.ok) throw new Error(`Logto issued no machine token: ${response.status}`);
    return ((await response.json()) as { access_token: string }).access_token;
  }
}
