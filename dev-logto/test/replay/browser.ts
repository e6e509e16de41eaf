import { createHash, randomBytes } from 'node:crypto';

export interface SignInOptions {
  client: string;
  username: string;
  password?: string;
  scope?: string;
  resource?: string;
}

export interface Tokens {
  access_token: string;
  refresh_token: string;
  id_token: string;
}

export const ALL_SCOPES =
  'openid offline_access profile email phone custom_data identities roles urn:logto:scope:sessions address';
const REDIRECT_URI = 'http://localhost:5173/callback';

/** A minimal browser that keeps cookies, follows redirects and submits the sign-in form. */
export class Browser {
  #cookies = new Map<string, string>();

  constructor(private readonly endpoint: string) {}

  get cookies(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Submits the sign-in form, unless there is a session, and exchanges the code for tokens (RFC 7636). */
  async signIn({
    client,
    username,
    password = 'Str0ng-Passw0rd!x',
    scope = ALL_SCOPES,
    resource,
  }: SignInOptions): Promise<Tokens> {
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: client,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      scope,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...(scope.includes('offline_access') && { prompt: 'consent' }),
      ...(resource && { resource }),
    });
    let location = `/oidc/auth?${query}`;
    while (!location.startsWith(REDIRECT_URI)) {
      const response = await this.#fetch(location);
      if (response.status >= 300 && response.status < 400) location = response.headers.get('location')!;
      else location = await this.#submit(new URL(location, this.endpoint).pathname, { identifier: username, password });
    }
    const code = new URL(location).searchParams.get('code');
    if (!code) throw new Error(`No code: ${location}`);
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: REDIRECT_URI,
      code_verifier: verifier,
      ...(resource && { resource }),
      client_id: client,
    });
    const response = await fetch(`${this.endpoint}/oidc/token`, { method: 'POST', body: form });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as Tokens;
  }

  async #submit(page: string, form: Record<string, string>): Promise<string> {
    const response = await this.#fetch(page, { method: 'POST', body: new URLSearchParams(form) });
    const location = response.headers.get('location');
    if (!location) throw new Error(`${page} returned ${response.status}`);
    return location;
  }

  async #fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = { cookie: this.cookies };
    const response = await fetch(new URL(url, this.endpoint), { redirect: 'manual', ...init, headers });
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', ...value] = cookie.split(';', 1)[0]!.split('=');
      if (value.join('=') === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value.join('='));
    }
    return response;
  }
}
