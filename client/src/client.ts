import createClient, { type FetchResponse, type MaybeOptionalInit } from 'openapi-fetch';
import type { paths } from './generated/openapi.js';
import { isProblem, toProblem, type ProofKind, type ProofNeed } from './problem.js';

/** A request that the service refuses until the user has proved who they are. */
export interface StepUpRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  /** The kinds of proof this user can give now. */
  readonly proofs: readonly ProofKind[];
  readonly required: readonly ProofNeed[];
  /** 1 at first; more when the service did not take the proof given before. */
  readonly attempt: number;
}

export interface ProfileClientOptions {
  /** Where the service is, without `/v1`. */
  readonly baseUrl: string;
  /**
   * The signed-in user's access token for the service's API resource. Called before each request; with
   * `{ refused: true }` again when the service rejected the token as `invalid_token`: then get a new one from Logto. That is
   * part of normal operation: ending other sessions revokes every token issued before.
   */
  getAccessToken(state: { refused: boolean }): Promise<string | undefined> | string | undefined;
  /** The user's ID token, sent as `Id-Token-Hint` where it tells the service which session is this one. */
  getIdToken?(): Promise<string | null | undefined> | string | null | undefined;
  /**
   * Gets proofs from the user, and answers their `verificationId`s; the request then goes again with them.
   * `undefined` gives up: the request fails with `step_up_required`.
   */
  prove?(request: StepUpRequest): Promise<readonly string[] | undefined>;
  /** BCP 47 tag for `Accept-Language`: labels and problem details come in it. */
  language?(): string;
  /** Defaults to the global `fetch`. */
  fetch?(request: Request): Promise<Response>;
}

/** How often a user is asked for a proof of one request before it fails. */
const MAX_STEP_UPS = 3;

/** A token may be renewed while others are being revoked, and once more when that is over. */
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
type Arguments<I> = RequiredKeysOf<I> extends never ? [init?: I & Extras] : [init: I & Extras];
interface Extras {
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

export interface Answer<Data> {
  readonly data: Data;
  readonly etag: string | undefined;
  readonly response: Response;
}

type Operation<P, Path extends keyof P, M extends HttpMethod> = M extends keyof P[Path]
  ? Extract<P[Path][M], Record<string | number, unknown>>
  : never;
/** What an operation answers with when it succeeds. */
export type Data<P, Path extends keyof P, M extends HttpMethod> = NonNullable<
  FetchResponse<Operation<P, Path, M>, object, `${string}/${string}`>['data']
>;

type Call<P extends object, M extends HttpMethod> = <Path extends PathsWithMethod<P, M>>(
  path: Path,
  ...init: Arguments<Init<P, Path, M>>
) => Promise<Answer<Data<P, Path, M>>>;

type ProfilePath = '/v1/profile';
export type ProfileOf<P> = ProfilePath extends keyof P ? Data<P, ProfilePath, 'get'> : never;
export type ProfilePatchOf<P> = ProfilePath extends keyof P
  ? Operation<P, ProfilePath, 'patch'> extends { requestBody?: { content: infer Content } }
    ? NonNullable<Content>[keyof NonNullable<Content>]
    : never
  : never;

/** The profile document, and the version of it that was read. */
export interface ReadProfile<P = paths> {
  readonly profile: ProfileOf<P>;
  readonly etag: string | undefined;
}

export interface UpdateOptions {
  /** The version the change was made on; default: the last one this client saw. `null` changes whatever is there. */
  readonly etag?: string | null;
  /** Checks everything but uniqueness, and writes nothing. */
  readonly dryRun?: boolean;
  /** Default: a new one for each call, so that a change whose answer got lost is not made twice. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export interface ProfileClient<P extends object = paths> {
  GET: Call<P, 'get'>;
  POST: Call<P, 'post'>;
  PUT: Call<P, 'put'>;
  PATCH: Call<P, 'patch'>;
  DELETE: Call<P, 'delete'>;
  /** Reads the document; an unchanged one is not sent again (`If-None-Match`). */
  readProfile(options?: { signal?: AbortSignal; fresh?: boolean }): Promise<ReadProfile<P>>;
  /** Sends only what is to change, as a JSON Merge Patch (RFC 7396): an absent member stays, `null` clears. */
  updateProfile(patch: ProfilePatchOf<P>, options?: UpdateOptions): Promise<ReadProfile<P>>;
}

/**
 * A client of the profile service. Every refusal is thrown as a {@link ProblemError}; a lost connection as fetch's own
 * `TypeError`. `P` is the `paths` type of your own deployment's openapi.yaml; by default, the sample catalogue's.
 */
export function createProfileClient<P extends object = paths>(options: ProfileClientOptions): ProfileClient<P> {
  const http = createClient<Record<string, Record<HttpMethod, object>>>({
    baseUrl: options.baseUrl,
    // Called through the option at each request, since a page may replace the global one later.
    fetch: (request) => (options.fetch ?? fetch)(request),
  });

  interface Sent {
    headers?: Record<string, string>;
    body?: unknown;
    params?: { query?: { dryRun?: boolean } };
    signal?: AbortSignal;
  }

  let renewal: { readonly rejected: string | undefined; readonly token: Promise<string | undefined> } | undefined;

  /** A new token in place of a rejected one: requests that were rejected with the same one share it. */
  function renew(rejected: string | undefined, afterSeconds: number): Promise<string | undefined> {
    if (renewal && renewal.rejected === rejected) return renewal.token;
    // One that is issued before the wait is over would be rejected as well.
    const token = new Promise((resolve) => setTimeout(resolve, afterSeconds * 1000))
      .then(() => options.getAccessToken({ refused: true }))
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
    init: Sent,
    { renewals, token }: { renewals: number; token: string | undefined },
  ): Promise<Answer<unknown>> {
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
    const problem = toProblem(error, response);
    const { code, retryAfter } = problem;
    if (code !== 'invalid_token' || renewals >= (retryAfter === undefined ? 1 : MAX_RENEWALS)) throw problem;
    return send(method, path, init, { renewals: renewals + 1, token: await renew(token, retryAfter ?? 0) });
  }

  /** Sends, asks the user for proofs when the service wants some, and sends the same again. */
  async function call(method: HttpMethod, path: string, init: Sent = {}): Promise<Answer<unknown>> {
    for (let attempt = 1, headers = init.headers; ; attempt++) {
      try {
        const token = await options.getAccessToken({ refused: false });
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

  let seen: ReadProfile<P> | undefined;

  return {
    GET: ((path: string, init?: Sent) => call('get', path, init)) as never,
    POST: ((path: string, init?: Sent) => call('post', path, init)) as never,
    PUT: ((path: string, init?: Sent) => call('put', path, init)) as never,
    PATCH: ((path: string, init?: Sent) => call('patch', path, init)) as never,
    DELETE: ((path: string, init?: Sent) => call('delete', path, init)) as never,

    async readProfile({ signal, fresh } = {}) {
      const headers: Record<string, string> = {};
      if (seen?.etag) headers['If-None-Match'] = seen.etag;
      // By itself fetch adds `no-cache` to a conditional request, and the service would ask Logto each time.
      headers['Cache-Control'] = fresh ? 'no-cache' : 'max-age=0';
      const before = seen;
      const answer = await call('get', '/v1/profile', { headers, ...(signal && { signal }) });
      if (answer.response.status === 304 && before) return before;
      return (seen = { profile: answer.data as ProfileOf<P>, etag: answer.etag });
    },

    async updateProfile(patch, { etag = seen?.etag, dryRun, idempotencyKey, signal } = {}) {
      const headers: Record<string, string> = { 'Content-Type': 'application/merge-patch+json' };
      if (etag) headers['If-Match'] = etag;
      if (!dryRun) headers['Idempotency-Key'] = idempotencyKey ?? randomKey();
      const init: Sent = {
        headers,
        body: patch,
        ...(dryRun && { params: { query: { dryRun } } }),
        ...(signal && { signal }),
      };
      const { data, etag: next } = await call('patch', '/v1/profile', init).catch((error: unknown) => {
        // fetch's TypeError: nobody knows whether the change was made; under the same key it is made once.
        if ((error as Error).name !== 'TypeError' || dryRun) throw error;
        return call('patch', '/v1/profile', init);
      });
      const answer = { profile: data as ProfileOf<P>, etag: next };
      if (!dryRun) seen = answer;
      return answer;
    },
  };
}

/** 128 random bits in hex; `crypto.randomUUID` is missing on pages served over plain http. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
