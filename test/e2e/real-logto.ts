import { randomUUID } from 'node:crypto';
import type { IssueTokenOptions } from '../../dev-logto/src/index.js';
import { HttpBrowser, REDIRECT_URI, type NavigationResult } from '../../dev-logto/test/support/http-browser.js';
import type { AppConfig } from '../../src/platform/config/app-config.js';
import type { LogtoTenant } from './logto-tenant.js';

/** Applications of the embedded Logto that tests name. `other-app` is the one that the service does not allow. */
const APPLICATIONS = ['profile-page', 'api-docs', 'other-app'] as const;

interface Application {
  readonly id: string;
  readonly secret: string;
}

/** A browser that signs in through the Experience API, which Logto's own sign-in page calls. */
class ExperienceBrowser extends HttpBrowser {
  protected override async submit({ identifier, password }: Record<'identifier' | 'password', string>) {
    await this.call('PUT', '', { interactionEvent: 'SignIn' });
    const credentials = { identifier: { type: 'username', value: identifier }, password };
    const { verificationId } = await this.call('POST', '/verification/password', credentials);
    await this.call('POST', '/identification', { verificationId });
    const { redirectTo } = await this.call('POST', '/submit');
    return this.navigate(redirectTo!);
  }

  private async call(method: string, path: string, body?: object): Promise<Record<string, string>> {
    const { status, text }: NavigationResult = await this.navigate(`/api/experience${path}`, {
      method,
      headers: body && { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    if (!status || status >= 300) throw new Error(`${method} /api/experience${path}: ${status} ${text}`);
    return text ? (JSON.parse(text) as Record<string, string>) : {};
  }
}

/** What tests need of a real Logto besides the commands: other applications, other kinds of tokens, and sign-ins. */
export class RealLogto {
  /** Paths of what {@link issueToken} created. */
  private readonly created: string[] = [];

  private constructor(
    private readonly config: AppConfig['logto'],
    private readonly apiResource: string,
    private readonly tenant: LogtoTenant,
    private readonly applications: Readonly<Record<string, Application>>,
  ) {}

  /** Creates the applications. */
  static async prepare(config: AppConfig['logto'], apiResource: string, tenant: LogtoTenant): Promise<RealLogto> {
    const applications: Record<string, Application> = {};
    for (const name of APPLICATIONS) {
      const { id } = (await tenant.call('POST', '/applications', {
        name: `e2e ${name}`,
        type: 'Traditional',
        oidcClientMetadata: {
          redirectUris: [REDIRECT_URI],
          postLogoutRedirectUris: [],
          // Logto puts `sid` into ID tokens only for back-channel logout.
          backchannelLogoutUri: 'http://127.0.0.1:1/logout',
          backchannelLogoutSessionRequired: true,
        },
        customClientMetadata: { allowTokenExchange: true },
      })) as { id: string };
      const [secret] = (await tenant.call('GET', `/applications/${id}/secrets`)) as { value: string }[];
      applications[name] = { id, secret: secret!.value };
    }
    return new RealLogto(config, apiResource, tenant, applications);
  }

  /** The IDs of the applications that the service allows. */
  get allowedClientIds(): string[] {
    return [this.applications['profile-page']!.id, this.applications['api-docs']!.id];
  }

  /** Removes everything that was created in the tenant. */
  async cleanUp(): Promise<void> {
    const applications = Object.values(this.applications).map(({ id }) => `/applications/${id}`);
    for (const path of [...this.created.reverse(), ...applications]) await this.tenant.call('DELETE', path);
  }

  createBrowser(): HttpBrowser {
    const { id, secret } = this.applications['profile-page']!;
    return new ExperienceBrowser(this.config.endpoint, id, secret);
  }

  /**
   * Issues a token as the embedded Logto does.
   * @throws Error if a real Logto does not issue such a token
   */
  async issueToken(username: string, options: IssueTokenOptions): Promise<string> {
    const { kind = 'access', client = 'profile-page', scope, claims = {}, ...others } = options;
    const { nonce, auth_time: _timeOfSignIn, ...otherClaims } = claims;
    if (Object.keys({ ...others, ...otherClaims }).length > 0) throw new Error('A real Logto issues no such token.');
    const { m2mAppId, m2mAppSecret, managementApiResource } = this.config;
    if (kind === 'machine') {
      const form = { grant_type: 'client_credentials', resource: this.apiResource };
      return this.requestToken({ id: m2mAppId, secret: m2mAppSecret }, form);
    }
    if (kind === 'id') {
      const { password } = this.tenant.createdUser(username);
      const parameters = {
        max_age: '3600',
        prompt: 'login consent',
        ...(nonce !== undefined && { nonce: String(nonce) }),
      };
      return (await this.createBrowser().signIn(parameters, { identifier: username, password: password! })).id_token;
    }
    if (kind === 'expired' || kind === 'logout' || kind === 'organization' || kind === 'organization-audience')
      throw new Error(`A real Logto issues no ${kind} token on request.`);
    const { id: userId } = this.tenant.createdUser(username);
    if (scope) await this.grantScopes(userId, scope.split(' '));
    const { subjectToken } = (await this.tenant.call('POST', '/subject-tokens', { userId })) as {
      subjectToken: string;
    };
    const resource = { access: this.apiResource, 'other-audience': managementApiResource, opaque: undefined }[kind];
    return this.requestToken(this.applications[client]!, {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: subjectToken,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      ...(resource !== undefined && { resource }),
      ...(scope && { scope }),
    });
  }

  /** Gives a user the scopes of the API resource, and no others of it, by a role that {@link cleanUp} removes. */
  private async grantScopes(userId: string, names: readonly string[]): Promise<void> {
    const resources = (await this.tenant.call('GET', '/resources?page_size=100')) as {
      id: string;
      indicator: string;
    }[];
    const resource = resources.find(({ indicator }) => indicator === this.apiResource)!;
    const path = `/resources/${resource.id}/scopes`;
    const scopes = (await this.tenant.call('GET', `${path}?page_size=100`)) as { id: string; name: string }[];
    const scopeIds: string[] = [];
    for (const name of names) {
      const known = scopes.find((scope) => scope.name === name);
      const created = known ?? ((await this.tenant.call('POST', path, { name })) as { id: string });
      if (!known) this.created.push(`${path}/${created.id}`);
      scopeIds.push(created.id);
    }
    const role = (await this.tenant.call('POST', '/roles', {
      name: `e2e ${randomUUID()}`,
      description: 'Created by a test.',
      type: 'User',
      scopeIds,
    })) as { id: string };
    this.created.push(`/roles/${role.id}`);
    await this.tenant.call('PUT', `/users/${userId}/roles`, { roleIds: [role.id] });
  }

  private async requestToken({ id, secret }: Application, form: Record<string, string>): Promise<string> {
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
    const body = new URLSearchParams(form);
    const response = await fetch(`${this.config.issuer}/token`, { method: 'POST', headers: { authorization }, body });
    if (!response.ok) throw new Error(`Logto issued no token: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { access_token: string }).access_token;
  }
}
