import { HttpBrowser } from '../../dev-logto/test/support/http-browser.js';
import type { Stack } from './harness.js';
import type { TenantUser } from './logto-tenant.js';

/** A user who signed in at Logto, with a browser that keeps cookies and follows redirects. */
export class SignedInUser {
  readonly browser: HttpBrowser;
  idToken = '';
  accessToken = '';
  private refreshToken = '';

  private constructor(
    private readonly stack: Stack,
    private readonly user: Pick<TenantUser, 'username' | 'password'>,
  ) {
    this.browser = stack.realLogto?.createBrowser() ?? new HttpBrowser(stack.logto!.endpoint);
  }

  static async start(stack: Stack, user: Pick<TenantUser, 'username' | 'password'>): Promise<SignedInUser> {
    sendSessionIds(stack);
    const signedInUser = new SignedInUser(stack, user);
    await signedInUser.signIn({ resource: stack.config.apiResource, max_age: '3600' });
    const { status } = await signedInUser.refresh();
    if (status !== 200) throw new Error(`The refresh token was rejected with ${status}.`);
    return signedInUser;
  }

  async signIn(parameters: Record<string, string>) {
    const tokens = await this.browser.signIn(parameters, {
      identifier: this.user.username,
      password: this.user.password!,
    });
    this.idToken = tokens.id_token;
    this.refreshToken = tokens.refresh_token ?? '';
    return tokens;
  }

  /** Requests new tokens for the API resource of the service, as the SDK does. */
  async refresh(): Promise<Response> {
    const response = await this.browser.refresh(this.refreshToken, { resource: this.stack.config.apiResource });
    if (response.ok) {
      const tokens = (await response.clone().json()) as { access_token: string; refresh_token?: string };
      this.accessToken = tokens.access_token;
      this.refreshToken = tokens.refresh_token ?? this.refreshToken;
    }
    return response;
  }

  /** Creates a proof from the ID token of a fresh sign-in. */
  verifySignIn(idToken: string) {
    return this.api('POST', '/v1/sign-in/verify', { idToken });
  }

  /** The claim of the ID token that names its session. */
  get sid(): string {
    return (JSON.parse(Buffer.from(this.idToken.split('.')[1]!, 'base64url').toString()) as { sid: string }).sid;
  }

  api(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
    return this.stack.api(method, path, { token: this.accessToken, body, headers });
  }
}

/** Makes the embedded Logto put `sid` into ID tokens, which Logto does only for back-channel logout. */
function sendSessionIds({ logto }: Stack): void {
  const application = logto?.tenant.applications.get('profile-page');
  if (!application) return;
  application.oidcClientMetadata = {
    ...application.oidcClientMetadata,
    backchannelLogoutUri: 'http://127.0.0.1:1/logout',
    backchannelLogoutSessionRequired: true,
  };
}
