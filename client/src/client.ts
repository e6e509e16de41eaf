import createClient, { type FetchResponse, type MaybeOptionalInit } from 'openapi-fetch';
import type { paths } from './generated/openapi.js';
import { isProblem, toProblemError, type ProofKind, type ProofRequirement } from './problem.js';

/** A request that the service rejects until the user gives a proof. */
export interface StepUpRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  /** The kinds of identity proof that this user can give now. */
  readonly proofs: readonly ProofKind[];
  readonly required: readonly ProofRequirement[];
  /** Starts at 1 and increases each time the service rejects the proofs. */
  readonly attempt: number;
}

export interface ProfileClientOptions {
  /** The service's URL, without `/v1`. */
  readonly baseUrl: string;
  /**
   * Returns the user's access token for the API resource of the service. The client calls it before each request, and
   * again with `{ rejected: true }` if the service rejects the token as `invalid_token`. Then get a new token from
   * Logto. This is not an error: ending other sessions revokes all earlier tokens.
   */
  getAccessToken(state: { rejected: boolean }): Promise<string | undefined> | string | undefined;
  /** The user's ID token. Sent as `Id-Token-Hint` to requests that need to know the current session. */
  getIdToken?(): Promise<string | null | undefined> | string | null | undefined;
  /**
   * Asks the user for proofs and returns their `verificationId`s. The client then sends the request again with them.
   * Return `undefined` to cancel: the request then fails with `step_up_required`.
   */
  prove?(request: StepUpRequest): Promise<readonly string[] | undefined>;
  /** BCP 47 tag for `Accept-Language`: the language of labels and problem details. */
  language?(): string;
  /** Defaults to the global `fetch`. */
  fetch?(request: Request): Promise<Response>;
}

/** How many times one request asks the user for proofs before it fails. */
const MAX_STEP_UPS = 3;

/** A token that is renewed while the service is still revoking tokens may also be rejected. */
const MAX_RENEWALS = 2;

type HttpMethod = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch' | 'trace';
type PathsWithMethod<P, M extends HttpMethod> = {
  [Path in keyof P]: P[Path] extends Record<M, object> ? Path : never;
}[keyof P];
type RequiredKeysOf<T> = { [Key in keyof T]-?: object extends Pick<T, Key> ? never : Key }[keyof T];

type Init<P extends object, Path extends keyof P, M extends HttpMethod> = MaybeOptionalInit<
  P[Path] & Record<M, object>,
  M
>;
type CallArguments<I> = RequiredKeysOf<I> extends never ? [init?: I & CallOptions] : [init: I & CallOptions];
interface CallOptions {
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

export interface ApiResponse<Data> {
  readonly data: Data;
  readonly etag: string | undefined;
  readonly response: Response;
}

type Operation<P, Path extends keyof P, M extends HttpMethod> = M extends keyof P[Path]
  ? Extract<P[Path][M], Record<string | number, unknown>>
  : never;
/** The body of an operation's successful response. */
export type ResponseData<P, Path extends keyof P, M extends HttpMethod> = NonNullable<
  FetchResponse<Operation<P, Path, M>, object, `${string}/${string}`>['data']
>;

type Call<P extends object, M extends HttpMethod> = <Path extends PathsWithMethod<P, M>>(
  path: Path,
  ...init: CallArguments<Init<P, Path, M>>
) => Promise<ApiResponse<ResponseData<P, Path, M>>>;

type ProfilePath = '/v1/profile';
export type ProfileOf<P> = ProfilePath extends keyof P ? ResponseData<P, ProfilePath, 'get'> : never;
export type ProfilePatchOf<P> = ProfilePath extends keyof P
  ? Operation<P, ProfilePath, 'patch'> extends { requestBody?: { content: infer Content } }
    ? NonNullable<Content>[keyof NonNullable<Content>]
    : never
  : never;

/** The profile document and its ETag. */
export interface ProfileWithEtag<P = paths> {
  readonly profile: ProfileOf<P>;
  readonly etag: string | undefined;
}

export interface UpdateOptions {
  /** Sent as `If-Match`. Defaults to the last ETag this client received; `null` skips the check. */
  readonly etag?: string | null;
  /** Checks everything except uniqueness, without writing. */
  readonly dryRun?: boolean;
  /** Defaults to a new key for each call, so that a retry after a lost response does not apply the change twice. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export interface ProfileClient<P extends object = paths> {
  GET: Call<P, 'get'>;
  POST: Call<P, 'post'>;
  PUT: Call<P, 'put'>;
  PATCH: Call<P, 'patch'>;
  DELETE: Call<P, 'delete'>;
  /** Reads the profile document. Sends `If-None-Match`, so an unchanged document is not transferred again. */
  readProfile(options?: { signal?: AbortSignal; fresh?: boolean }): Promise<ProfileWithEtag<P>>;
  /** Applies a JSON Merge Patch (RFC 7396): absent members stay unchanged, `null` clears. */
  updateProfile(patch: ProfilePatchOf<P>, options?: UpdateOptions): Promise<ProfileWithEtag<P>>;
}

/**
 * Creates a client for the profile service. A rejected request throws a {@link ProblemError}. A lost connection throws
 * fetch's `TypeError`. `P` is the `paths` type of your deployment's openapi.yaml, by default that of the sample catalogue.
 */
export function createProfileClient<P extends object = paths>(options: ProfileClientOptions): ProfileClient<P> {
  const http = createClient<Record<string, Record<HttpMethod, object>>>({
    baseUrl: options.baseUrl,
    // Read for each request, because a page may replace the global fetch later.
    fetch: (request) => (options.fetch ?? fetch)(request),
  });

  interface CallInit {
    headers?: Record<string, string>;
    body?: unknown;
    params?: { query?: { dryRun?: boolean } };
    signal?: AbortSignal;
  }

  let renewal: { readonly rejected: string | undefined; readonly token: Promise<string | undefined> } | undefined;

  /** Replaces a rejected token. Requests rejected with the same token share one renewal. */
  function renewToken(rejected: string | undefined, afterSeconds: number): Promise<string | undefined> {
    if (renewal && renewal.rejected === rejected) return renewal.token;
    // The service would also reject a token issued before the end of the wait.
    const token = new Promise((resolve) => setTimeout(resolve, afterSeconds * 1000))
      .then(() => options.getAccessToken({ rejected: true }))
      .catch((error: unknown) => {
        renewal = undefined;
        throw error;
      });
    renewal = { rejected, token };
    return token;
  }

  async function send(
    method: HttpMethod,
    path: string,
    init: CallInit,
    { renewals, token }: { renewals: number; token: string | undefined },
  ): Promise<ApiResponse<unknown>> {
    const headers: Record<string, string> = { ...init.headers };
    if (token) headers['Authorization'] = `Bearer ${token}`;
    if (options.language) headers['Accept-Language'] = options.language();
    if (path.startsWith('/v1/sessions') || (path === '/v1/password' && method === 'put')) {
      const hint = await options.getIdToken?.();
      if (hint) headers['Id-Token-Hint'] = hint;
    }
    const { data, error, response } = await http.request(method, path, { ...init, headers } as never);
    if (response.ok || response.status === 304) {
      return { data, etag: response.headers.get('etag') ?? undefined, response };
    }
    const problem = toProblemError(error, response);
    const { code, retryAfter } = problem;
    if (code !== 'invalid_token' || renewals >= (retryAfter === undefined ? 1 : MAX_RENEWALS)) throw problem;
    return send(method, path, init, { renewals: renewals + 1, token: await renewToken(token, retryAfter ?? 0) });
  }

  /** Sends a request. If the service requires proofs, asks the user for them and sends the request again. */
  async function call(method: HttpMethod, path: string, init: CallInit = {}): Promise<ApiResponse<unknown>> {
    for (let attempt = 1, headers = init.headers; ; attempt++) {
      try {
        const token = await options.getAccessToken({ rejected: false });
        return await send(method, path, { ...init, ...(headers && { headers }) }, { renewals: 0, token });
      } catch (error) {
        if (!isProblem(error, 'step_up_required') || attempt > MAX_STEP_UPS) throw error;
        const { proofs = [], required = [] } = error;
        const ids = await options.prove?.({ method, path, body: init.body, proofs, required, attempt });
        if (!ids?.length) throw error;
        headers = { ...init.headers, 'Verification-Id': ids.join(', ') };
      }
    }
  }

  let latest: ProfileWithEtag<P> | undefined;

  return {
    GET: ((path: string, init?: CallInit) => call('get', path, init)) as never,
    POST: ((path: string, init?: CallInit) => call('post', path, init)) as never,
    PUT: ((path: string, init?: CallInit) => call('put', path, init)) as never,
    PATCH: ((path: string, init?: CallInit) => call('patch', path, init)) as never,
    DELETE: ((path: string, init?: CallInit) => call('delete', path, init)) as never,

    async readProfile({ signal, fresh } = {}) {
      const headers: Record<string, string> = {};
      if (latest?.etag) headers['If-None-Match'] = latest.etag;
      // By default, fetch adds `no-cache` to a conditional request, and the service would call Logto each time.
      headers['Cache-Control'] = fresh ? 'no-cache' : 'max-age=0';
      const cached = latest;
      const result = await call('get', '/v1/profile', { headers, ...(signal && { signal }) });
      if (result.response.status === 304 && cached) return cached;
      return (latest = { profile: result.data as ProfileOf<P>, etag: result.etag });
    },

    async updateProfile(patch, { etag = latest?.etag, dryRun, idempotencyKey, signal } = {}) {
      const headers: Record<string, string> = { 'Content-Type': 'application/merge-patch+json' };
      if (etag) headers['If-Match'] = etag;
      if (!dryRun) headers['Idempotency-Key'] = idempotencyKey ?? createIdempotencyKey();
      const init: CallInit = {
        headers,
        body: patch,
        ...(dryRun && { params: { query: { dryRun } } }),
        ...(signal && { signal }),
      };
      const { data, etag: newEtag } = await call('patch', '/v1/profile', init).catch((error: unknown) => {
        // The connection was lost, so the outcome is unknown. With the same key, the service applies the change only once.
        if ((error as Error).name !== 'TypeError' || dryRun) throw error;
        return call('patch', '/v1/profile', init);
      });
      const updated = { profile: data as ProfileOf<P>, etag: newEtag };
      if (!dryRun) latest = updated;
      return updated;
    },
  };
}

/** Returns 128 random bits in hex. `crypto.randomUUID` is not available on pages served over plain HTTP. */
function createIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
