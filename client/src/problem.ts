import type { components } from './generated/openapi.js';

/** The stable problem codes of the service; docs/errors.md explains each. */
export type ProblemCode = components['schemas']['Problem']['code'];

/** An invalid value: its RFC 6901 JSON pointer in the request body, a stable code, and a message for the user. */
export interface FieldError {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

/** The kinds of proof of identity that a user can give. */
export type ProofKind = 'password' | 'email' | 'phone' | 'signIn';

/** What the user must prove: their identity, or that they own a new email address or phone number. */
export type ProofRequirement = 'identity' | 'address';

/** Extension members (RFC 9457, section 3.2) by code. */
interface ProblemMembers {
  step_up_required: { readonly proofs: readonly ProofKind[]; readonly required: readonly ProofRequirement[] };
}

/**
 * A rejected request. `code` gives the reason; check it with {@link isProblem} to narrow the type.
 * An error response that is not a problem document, such as a proxy's HTML page, has the code `unexpected_response`.
 */
export class ProblemError<Code extends string = string> extends Error {
  override readonly name = 'ProblemError';
  readonly code: Code;
  /** A short summary, the same for every occurrence of the code. */
  readonly title: string;
  /** What happened this time, in the requested language. */
  readonly detail: string | undefined;
  readonly status: number;
  readonly errors: readonly FieldError[];
  /** Identifies the request in the service's log. */
  readonly requestId: string | undefined;
  /** Seconds to wait, from `Retry-After`. */
  readonly retryAfter: number | undefined;
  /** `unknown`: the change may have been applied or may still be applied. `undefined`: it was not applied. */
  readonly outcome: 'unknown' | undefined;

  constructor(body: { code: Code; [member: string]: unknown }, response: Response) {
    super((body['detail'] ?? body['title'] ?? body.code) as string);
    this.code = body.code;
    this.title = (body['title'] as string | undefined) ?? body.code;
    this.detail = body['detail'] as string | undefined;
    this.status = response.status;
    this.errors = Array.isArray(body['errors']) ? (body['errors'] as FieldError[]) : [];
    this.requestId = (body['requestId'] as string | undefined) ?? response.headers.get('x-request-id') ?? undefined;
    const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
    this.retryAfter = Number.isNaN(retryAfter) ? undefined : retryAfter;
    this.outcome = body['outcome'] === 'unknown' ? 'unknown' : undefined;
    // Extension members are copied, but must not overwrite the properties of an Error.
    for (const member of Object.keys(body)) {
      if (!(member in this)) Object.assign(this, { [member]: body[member] });
    }
  }
}

/** The union of all problems, narrowed by `code`. */
export type Problem = {
  [Code in ProblemCode | 'unexpected_response']: ProblemError<Code> &
    (Code extends keyof ProblemMembers ? ProblemMembers[Code] : unknown);
}[ProblemCode | 'unexpected_response'];

/** Whether an error is a problem. If codes are given, it must have one of them. */
export function isProblem(error: unknown): error is Problem;
export function isProblem<Code extends Problem['code']>(
  error: unknown,
  ...codes: Code[]
): error is Extract<Problem, { code: Code }>;
export function isProblem(error: unknown, ...codes: string[]): boolean {
  return error instanceof ProblemError && (codes.length === 0 || codes.includes(error.code));
}

/** Converts any error response to a {@link ProblemError}. */
export function toProblemError(body: unknown, response: Response): ProblemError {
  const isProblemDocument =
    typeof body === 'object' && body !== null && typeof (body as { code?: unknown }).code === 'string';
  return new ProblemError(isProblemDocument ? (body as { code: string }) : { code: 'unexpected_response' }, response);
}
