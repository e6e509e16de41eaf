import { ProblemError } from '../errors/problem-error.js';

/**
 * Reads a boolean query parameter: `true`, or `false`, which is the default. Throws `validation_failed` for any other
 * value, including a list or an object (`dryRun[]=true`): ignoring it would do the opposite of what was requested.
 */
export function readQueryFlag(query: Readonly<Record<string, unknown>>, name: string): boolean {
  const value = query[name];
  const isNested = Object.keys(query).some((key) => key.startsWith(`${name}[`) || key.startsWith(`${name}.`));
  if (!isNested && (value === undefined || value === 'false')) return false;
  if (!isNested && value === 'true') return true;
  throw new ProblemError('validation_failed', {
    errors: [{ pointer: `query:${name}`, code: 'not_allowed', params: { values: [true, false] } }],
  });
}
