import type { components } from './generated/openapi.js';

/** The stable codes of the service's problem answers; docs/errors.md explains each. */
export type ProblemCode = components['schemas']['Problem']['code'];

/** One value at fault: an RFC 6901 JSON pointer into the request body, a stable code, and words for a person. */
export interface FieldError {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

/** The kinds of proof of identity that a user can give. */
export type ProofKind = 'password' | 'email' | 'phone' | 'signIn';

/** What a proof has to show: who the user is, or that a new email or phone is theirs. */
export type ProofNeed = 'identity' | 'address';

/** Extension members (RFC 9457 section 3.2) of single codes. */
interface ProblemMembers {
  step_up_required: { readonly proofs: readonly ProofKind[]; readonly required: readonly ProofNeed[] };
}

/**
 * A refused request. `code` says why; test it through {@link isProblem}, and TypeScript narrows the rest.
 * An answer that is no problem document at all (a proxy's HTML page, say) has the code `unexpected_answer`.
 */
export class ProblemError<Code extends string = string> extends Error {
  override readonly name = 'ProblemError';
  readonly code: Code;
  /** The same words for every occurrence of the code. */
  readonly title: string;
  /** What happened this time, in the language asked for. */
  readonly detail: string | undefined;
  readonly status: number;
  readonly errors: readonly FieldError[];
  /** Tell it to support: it finds the request in the service's log. */
  readonly requestId: string | undefined;
  /** Seconds to wait, from `Retry-After`. */
  readonly retryAfter: number | undefined;
  /** `unknown`: the change that was asked for may have been made, or may still be. Otherwise it was not. */
  readonly outcome: 'unknown' | undefined;

  constructor(body: { code: Code; [member: string]: unknown }, response: Response) {
    super((body['detail'] ?? body['title'] ?? body.code) as string);
    this.code = body.code;
    this.title = (body['title'] as string | undefined) ?? body.code;
    this.detail = body['detail'] as string | undefined;
    this.status = response.status;
    this.errors = Array.isArray(body['errors']) ? (body['errors'] as FieldError[]) : [];
    this.requestId = (body['requestId'] as string | undefined) ?? response.headers.get('x-request-id') ?? undefined;
    const wait = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
    this.retryAfter = Number.isNaN(wait) ? undefined : wait;
    this.outcome = body['outcome'] === 'unknown' ? 'unknown' : undefined;
    // Extension members come along as they are, but never in place of what an Error is.
    for (const member of Object.keys(body)) {
      if (!(member in this)) Object.assign(this, { [member]: body[member] });
    }
  }
}

/** Every problem as one union that `code` narrows. */
export type Problem = {
  [Code in ProblemCode | 'unexpected_answer']: ProblemError<Code> &
    (Code extends keyof ProblemMembers ? ProblemMembers[Code] : unknown);
}[ProblemCode | 'unexpected_answer'];

/** Whether an error is a problem answer, and, where codes are given, one of these. */
export function isProblem(error: unknown): error is Problem;
export function isProblem<Code extends Problem['code']>(
  error: unknown,
  ...codes: Code[]
): error is Extract<Problem, { code: Code }>;
export function isProblem(error: unknown, ...codes: string[]): boolean {
  return error instanceof ProblemError && (codes.length === 0 || codes.includes(error.code));
}

/** Reads the body of a refused request: whatever it is, a {@link ProblemError} comes out. */
export function toProblem(body: unknown, response: Response): ProblemError {
  const problem = typeof body === 'object' && body !== null && typeof (body as { code?: unknown }).code === 'string';
  return new ProblemError(problem ? (body as { code: string }) : { code: 'unexpected_answer' }, response);
}
