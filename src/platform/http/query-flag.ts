import { ProblemError } from '../errors/problem-error.js';

/**
 * A switch in the query: `true`, or `false` as when it is absent. Throws `validation_failed` for any other value, also for
 * one spelled as a list or an object (`dryRun[]=true`): to pass over it would do the opposite of what was asked.
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
