/** An error in Logto's format: `{code, message, data?, details?}`. `values` fill the placeholders of the message. */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly extra: { data?: unknown; details?: string; values?: Record<string, string> } = {},
  ) {
    super(code);
  }
}

/** Logto's response to an unexpected error: 500 `{message: "Internal server error."}`. */
export class InternalError extends Error {}

export const notFound = (): RequestError => new RequestError(404, 'entity.not_found');

export const notExistsWithId = (name: string, id: string): RequestError =>
  new RequestError(404, 'entity.not_exists_with_id', { values: { name, id } });
