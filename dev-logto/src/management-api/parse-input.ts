import { ZodError, type ZodIssue, type ZodTypeAny, type output } from 'zod';
import { RequestError } from './request-error.js';

const describeIssue = (issue: ZodIssue): string => {
  const text =
    issue.code === 'invalid_type' ? `Expected ${issue.expected} but received ${issue.received}.` : issue.message;
  return `Error in key path "${issue.path.join('.')}": (${issue.code}) ${text}`;
};

/** Parses input and drops unknown keys, as Logto does. Throws 400 `guard.invalid_input` for invalid input. */
export function parseInput<Schema extends ZodTypeAny>(
  schema: Schema,
  input: unknown,
  type: 'body' | 'query' | 'files' = 'body',
): output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data as output<Schema>;
  throw toRequestError(result.error, type);
}

function toRequestError(error: ZodError, type: string): RequestError {
  return new RequestError(400, 'guard.invalid_input', {
    data: { issues: error.issues, name: 'ZodError' },
    details: error.issues.map(describeIssue).join('\n'),
    values: { type },
  });
}
