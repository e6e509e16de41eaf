/**
 * Describes an error for the log: names, codes and stack frames, including those of its causes. Most messages are left
 * out, since they may quote personal data: a failed query quotes its parameters, a JSON error the text.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = (error as { code?: unknown }).code;
  const isBug = error instanceof TypeError || error instanceof ReferenceError;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const head = [error.name, typeof code === 'string' ? `[${code}]` : '', isBug ? error.message : ''];
  const cause = error.cause === undefined ? [] : [`caused by ${describeError(error.cause)}`];
  return [head.filter(Boolean).join(' '), ...frames.slice(0, 8), ...cause].join('\n');
}
