import { ZodError, type ZodIssue, type ZodTypeAny, type output } from 'zod';
import { RequestError } from './request-error.js';

const describe = (issue: ZodIssue): string => {
  const text =
    issue.code === 'invalid_type' ? `Expected ${issue.expected} but received ${issue.received}.` : issue.message;
  return `Error in key path "${issue.path.join('.')}": (${issue.code}) ${text}`;
};

/** Parses by a schema, dropping unknown keys as Logto does, or throws its 400 `guard.invalid_input`. */
export function guard<Schema extends ZodTypeAny>(
  schema: Schema,
  input: unknown,
  type: 'body' | 'query' | 'files' = 'body',
): output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data as output<Schema>;
  throw guardError(result.error, type);
}

function guardError(error: ZodError, type: string): RequestError {
  return new RequestError(400, 'guard.invalid_input', {
    data: { issues: error.issues, name: 'ZodError' },
    details: error.issues.map(describe).join('\n'),
    values: { type },
  });
}
