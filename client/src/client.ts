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

/** Of how many users the client keeps the last profile. A page has one at a time; a server may serve many. */
const MAX_USERS = 100;

type HttpMethod = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch' | 'trace';
type PathsWithMethod<P, M extends HttpMethod> = {
  [Path in keyof P]: P[Path] extends Record<M, object> ? Path : never;
}[keyof P];
type RequiredKeysOf<T> = { [Key in keyof T]-?: object extends Pick<T, Key> ? never : Key }[keyof T];

type MemberOf<Union> = Union extends unknown ? keyof Union : never;
/** A union whose alternatives exclude each other's members. By itself, TypeScript accepts the members of all of them. */
type Exclusive<Union, Members extends PropertyKey = MemberOf<Union>> = Union extends object
  ? Union & Partial<Record<Exclude<Members, keyof Union>, never>>
  : Union;

type WithExclusiveBody<I> = { [Key in keyof I]: Key extends 'body' ? Exclusive<I[Key]> : I[Key] };
type Init<P extends object, Path extends keyof P, M extends HttpMethod> = WithExclusiveBody<
  MaybeOptionalInit<P[Path] & Record<M, object>, M>
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
/** The profile document: the readable fields by name, `null` when unset. `P` is the `paths` type of a deployment. */
export type Profile<P = paths> = ProfilePath extends keyof P ? ResponseData<P, ProfilePath, 'get'> : never;
/** A JSON Merge Patch of the writable fields. */
export type ProfilePatch<P = paths> = ProfilePath extends keyof P
  ? Operation<P, ProfilePath, 'patch'> extends { requestBody?: { content: infer Content } }
    ? NonNullable<Content>[keyof NonNullable<Content>]
    : never
  : never;

type RevealPath = '/v1/profile/fields/{name}/reveal';
/** The name of a field that can be revealed. */
export type SensitiveFieldName<P = paths> = RevealPath extends keyof P
  ? Operation<P, RevealPath, 'post'> extends { parameters: { path: { name: infer Name } } }
    ? Name
    : never
  : never;

/** The profile document and its ETag. */
export interface ProfileWithEtag<P = paths> {
  readonly profile: Profile<P>;
  readonly etag: string | undefined;
}

export interface UpdateOptions {
  /** Sent as `If-Match`. Defaults to the last ETag that this client received for the user; `null` skips the check. */
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
  updateProfile(patch: ProfilePatch<P>, options?: UpdateOptions): Promise<ProfileWithEtag<P>>;
}

/**
 * Creates a client for the profile service. A rejected request throws a {@link ProblemError}. A lost connection throws
 * fetch's `TypeError`. `P` is the `paths` type of your deployment's openapi.yaml, by default that of the sample catalogue.
 */
export function createProfileClient<P extends object = paths>(options: ProfileClientOptions): ProfileClient<P> {
  const http = createClient<Record<string, Record<HttpMethod, object>>>({ baseUrl: options.baseUrl });

  interface CallInit {
    headers?: Record<string, string>;
    /** Returns more headers for the user whose token is sent. Called each time the request is sent. */
    headersFor?: (user: string) => Record<string, string> | undefined;
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

  /** The errors of requests that were sent and whose response was lost. */
  const lostConnections = new WeakSet<object>();

  async function send(
    method: HttpMethod,
    path: string,
    init: CallInit,
    { renewals, token }: { renewals: number; token: string | undefined },
  ): Promise<ApiResponse<unknown>> {
    const headers: Record<string, string> = { ...init.headers, ...init.headersFor?.(userOf(token)) };
    if (token) headers['Authorization'] = `Bearer ${token}`;
    if (options.language) headers['Accept-Language'] = options.language();
    if (path.startsWith('/v1/sessions') || (path === '/v1/password' && method === 'put')) {
      const hint = await options.getIdToken?.();
      if (hint) headers['Id-Token-Hint'] = hint;
    }
    let isSent = false;
    const transport = (request: Request): Promise<Response> => {
      // Read for each request, because a page may replace the global fetch later.
      const send = options.fetch ?? fetch;
      isSent = true;
      return send(request);
    };
    const request = http.request(method, path, { ...init, headers, fetch: transport } as never);
    const { data, error, response } = await request.catch((reason: Error) => {
      if (isSent && reason.name === 'TypeError') lostConnections.add(reason);
      throw reason;
    });
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

  const latestByUser = new Map<string, ProfileWithEtag<P>>();

  /** Keeps the latest document of a user, and drops that of the user who has been inactive for the longest time. */
  function keep(user: string, latest: ProfileWithEtag<P>): ProfileWithEtag<P> {
    latestByUser.delete(user);
    latestByUser.set(user, latest);
    const [oldest] = latestByUser.keys();
    if (latestByUser.size > MAX_USERS) latestByUser.delete(oldest!);
    return latest;
  }

  return {
    GET: ((path: string, init?: CallInit) => call('get', path, init)) as never,
    POST: ((path: string, init?: CallInit) => call('post', path, init)) as never,
    PUT: ((path: string, init?: CallInit) => call('put', path, init)) as never,
    PATCH: ((path: string, init?: CallInit) => call('patch', path, init)) as never,
    DELETE: ((path: string, init?: CallInit) => call('delete', path, init)) as never,

    async readProfile({ signal, fresh } = {}) {
      let user = '';
      let cached: ProfileWithEtag<P> | undefined;
      const init: CallInit = {
        // By default, fetch adds `no-cache` to a conditional request, and the service would call Logto each time.
        headers: { 'Cache-Control': fresh ? 'no-cache' : 'max-age=0' },
        headersFor: (sender) => {
          user = sender;
          cached = latestByUser.get(user);
          return cached?.etag ? { 'If-None-Match': cached.etag } : undefined;
        },
        ...(signal && { signal }),
      };
      const { data, etag, response } = await call('get', '/v1/profile', init);
      if (response.status === 304 && cached) return cached;
      return keep(user, { profile: data as Profile<P>, etag });
    },

    async updateProfile(patch, { etag, dryRun, idempotencyKey, signal } = {}) {
      const headers: Record<string, string> = { 'Content-Type': 'application/merge-patch+json' };
      if (!dryRun) headers['Idempotency-Key'] = idempotencyKey ?? createIdempotencyKey();
      let user: string | undefined;
      let ifMatch = etag;
      const init: CallInit = {
        headers,
        headersFor: (sender) => {
          // Not looked up again when the request is sent again: the patch is based on this version.
          if (user === undefined && etag === undefined) ifMatch = latestByUser.get(sender)?.etag;
          user = sender;
          return ifMatch ? { 'If-Match': ifMatch } : undefined;
        },
        body: patch,
        ...(dryRun && { params: { query: { dryRun } } }),
        ...(signal && { signal }),
      };
      const result = await call('patch', '/v1/profile', init).catch((error: object) => {
        // The outcome is unknown. With the same key, the service applies the change only once.
        if (!lostConnections.has(error) || dryRun) throw error;
        return call('patch', '/v1/profile', init);
      });
      const updated = { profile: result.data as Profile<P>, etag: result.etag };
      return dryRun ? updated : keep(user!, updated);
    },
  };
}

/**
 * Returns 128 random bits in hex. `crypto.randomUUID` is not available on pages served over plain HTTP, and some runtimes,
 * such as React Native, have no `crypto`. The key needs to be unique, not secret: it counts only for its user.
 */
function createIdempotencyKey(): string {
  const bytes = new Uint8Array(16);
  if (globalThis.crypto) crypto.getRandomValues(bytes);
  else bytes.forEach((_zero, index) => (bytes[index] = Math.random() * 256));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Returns the user of an access token: its `sub`, or `''` if that cannot be read. */
function userOf(token = ''): string {
  try {
    const payload = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/');
    return (JSON.parse(atob(payload)) as { sub?: string }).sub ?? '';
  } catch {
    return '';
  }
}
