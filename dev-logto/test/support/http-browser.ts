import { createHash, randomBytes } from 'node:crypto';

export const REDIRECT_URI = 'http://localhost:5173/callback';

export interface Stop {
  /** Where the redirects ended: another origin, or a page of the provider. */
  url: URL;
  /** Of the last answer; undefined when it is another origin's to give. */
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

/** As much of a browser as a sign-in needs: cookies, redirects and forms. */
export class HttpBrowser {
  #cookies = new Map<string, string>();

  constructor(
    readonly endpoint: string,
    readonly client = 'profile-page',
  ) {}

  /** Follows redirects until a page answers or another origin is named. */
  async go(target: string, init: RequestInit = {}): Promise<Stop> {
    let url = new URL(target, this.endpoint);
    for (;;) {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } });
      this.#keepCookies(response);
      const location = response.headers.get('location');
      if (!location) return { url, status: response.status, text: await response.text() };
      url = new URL(location, url);
      if (url.origin !== this.endpoint) return { url };
      init = {};
    }
  }

  async post(path: string, form: Record<string, string>): Promise<Stop> {
    return this.go(path, { method: 'POST', body: new URLSearchParams(form) });
  }

  #verifier = '';

  /** Begins an authorization request (RFC 6749 section 4.1.1) with PKCE. */
  async authorize(more: Record<string, string> = {}): Promise<Stop> {
    this.#verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: this.client,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      scope: 'openid offline_access profile',
      prompt: 'consent',
      code_challenge: createHash('sha256').update(this.#verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...more,
    });
    return this.go(`/oidc/auth?${query}`);
  }

  /** Authorizes and signs in on the page that comes; resolves with the tokens. */
  async signIn(
    more: Record<string, string> = {},
    form = { identifier: 'alice', password: 'Str0ng-Passw0rd!x' },
  ): Promise<Tokens> {
    await this.authorize(more);
    return this.redeem(await this.post('/sign-in', form));
  }

  /** Changes the code that came back for tokens. */
  async redeem({ url, status }: Stop): Promise<Tokens> {
    const code = url.searchParams.get('code');
    if (!code) throw new Error(`No code came back: ${url} ${status}`);
    const answer = await this.token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: REDIRECT_URI,
      code_verifier: this.#verifier,
    });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Tokens;
  }

  token(form: Record<string, string>): Promise<Response> {
    const body = new URLSearchParams({ client_id: this.client, ...form });
    return fetch(`${this.endpoint}/oidc/token`, { method: 'POST', body });
  }

  async refresh(refreshToken: string, more: Record<string, string> = {}): Promise<Response> {
    return this.token({ grant_type: 'refresh_token', refresh_token: refreshToken, ...more });
  }

  #keepCookies(response: Response): void {
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';', 1);
      const equals = pair.indexOf('=');
      const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }
}
