import { createHash, randomBytes } from 'node:crypto';

export const REDIRECT_URI = 'http://localhost:5173/callback';

export interface NavigationResult {
  /** The final URL: a page of the provider, or a URL at another origin, which is not fetched. */
  url: URL;
  /** Status of the page. Undefined for another origin. */
  status?: number;
  text?: string;
}

export interface Tokens {
  access_token: string;
  refresh_token?: string;
  id_token: string;
  scope: string;
  expires_in: number;
}

/** A minimal browser that keeps cookies, follows redirects and submits forms. */
export class HttpBrowser {
  #cookies = new Map<string, string>();

  constructor(
    readonly endpoint: string,
    readonly client = 'profile-page',
    /** Of a confidential client. */
    private readonly secret?: string,
  ) {}

  /** Follows redirects to a page or to another origin. */
  async navigate(target: string, init: RequestInit = {}): Promise<NavigationResult> {
    let url = new URL(target, this.endpoint);
    for (;;) {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } });
      this.#storeCookies(response);
      const location = response.headers.get('location');
      if (!location) return { url, status: response.status, text: await response.text() };
      url = new URL(location, url);
      if (url.origin !== this.endpoint) return { url };
      init = {};
    }
  }

  async post(path: string, form: Record<string, string>): Promise<NavigationResult> {
    return this.navigate(path, { method: 'POST', body: new URLSearchParams(form) });
  }

  /** PKCE code verifier of the latest authorization request. */
  #verifier = '';

  /** Starts an authorization request (RFC 6749 section 4.1.1) with PKCE. */
  async authorize(parameters: Record<string, string> = {}): Promise<NavigationResult> {
    this.#verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: this.client,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      scope: 'openid offline_access profile',
      prompt: 'consent',
      code_challenge: createHash('sha256').update(this.#verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...parameters,
    });
    return this.navigate(`/oidc/auth?${query}`);
  }

  /** Starts an authorization request and signs in. Resolves with the tokens. */
  async signIn(
    parameters: Record<string, string> = {},
    form = { identifier: 'alice', password: 'Str0ng-Passw0rd!x' },
  ): Promise<Tokens> {
    await this.authorize(parameters);
    return this.exchangeCode(await this.submit(form));
  }

  /** Sends the credentials to the sign-in page. */
  protected submit(form: { identifier: string; password: string }): Promise<NavigationResult> {
    return this.post('/sign-in', form);
  }

  /** Exchanges the authorization code for tokens. */
  async exchangeCode({ url, status }: NavigationResult): Promise<Tokens> {
    const code = url.searchParams.get('code');
    if (!code) throw new Error(`No authorization code in ${url} (status ${status})`);
    const response = await this.requestToken({
      grant_type: 'authorization_code',
      code,
      redirect_uri: REDIRECT_URI,
      code_verifier: this.#verifier,
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as Tokens;
  }

  /** Calls the token endpoint. */
  requestToken(form: Record<string, string>): Promise<Response> {
    const body = new URLSearchParams({ client_id: this.client, ...form });
    const headers: Record<string, string> = {};
    if (this.secret)
      headers['authorization'] = `Basic ${Buffer.from(`${this.client}:${this.secret}`).toString('base64')}`;
    return fetch(`${this.endpoint}/oidc/token`, { method: 'POST', headers, body });
  }

  async refresh(refreshToken: string, parameters: Record<string, string> = {}): Promise<Response> {
    return this.requestToken({ grant_type: 'refresh_token', refresh_token: refreshToken, ...parameters });
  }

  #storeCookies(response: Response): void {
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';', 1);
      const equals = pair.indexOf('=');
      const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }
}
