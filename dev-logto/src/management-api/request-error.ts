/** A refusal as Logto words it: `{code, message, data?, details?}`. The message is found by the code. */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly extra: { data?: unknown; details?: string; values?: Record<string, string> } = {},
  ) {
    super(code);
  }
}

/** Logto's 500: `{message: "Internal server error."}`, without a code. */
export class InternalError extends Error {}

export const notFound = (): RequestError => new RequestError(404, 'entity.not_found');

export const notExistsWithId = (name: string, id: string): RequestError =>
  new RequestError(404, 'entity.not_exists_with_id', { values: { name, id } });
