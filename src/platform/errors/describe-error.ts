/**
 * An error for the log: names, codes and where it was thrown, causes included. Messages are left out where they may
 * quote what a person sent: a failed query quotes its parameters, a JSON error its text.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = (error as { code?: unknown }).code;
  const ownFault = error instanceof TypeError || error instanceof ReferenceError;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const head = [error.name, typeof code === 'string' ? `[${code}]` : '', ownFault ? error.message : ''];
  const cause = error.cause === undefined ? [] : [`caused by ${describeError(error.cause)}`];
  return [head.filter(Boolean).join(' '), ...frames.slice(0, 8), ...cause].join('\n');
}
