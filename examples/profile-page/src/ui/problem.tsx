import { useEffect, useState } from 'react';
import { isProblem } from 'logto-profile-client';
import type { Messages } from '../i18n/en';
import { useMessages } from '../i18n/language';
import { formatClock, useSecondsUntil } from './countdown';

/** Converts an error to a message for the user. */
export function toMessage(error: unknown, { problems }: Messages): string {
  if (!isProblem(error)) return (error as Error | null)?.name === 'TypeError' ? problems.network : problems.unexpected;
  if (error.outcome === 'unknown') return problems.unknown;
  switch (error.code) {
    case 'account_suspended':
      return problems.suspended;
    case 'account_not_found':
      return problems.gone;
    case 'too_many_attempts':
      return problems.tooMany;
    case 'rate_limited':
      return problems.tooFast;
    case 'invalid_credentials':
      return problems.wrongPassword;
    case 'invalid_code':
      return problems.wrongCode;
    case 'code_expired':
      return problems.codeExpired;
    case 'identifier_taken':
      return problems.taken;
    case 'channel_not_configured':
      return problems.noChannel;
    case 'last_identifier':
      return problems.lastIdentifier;
    case 'upstream_unavailable':
    case 'upstream_timeout':
    case 'overloaded':
      return problems.unavailable;
    case 'unexpected_response':
    case 'internal_error':
      return problems.unexpected;
    default:
      return error.detail ?? error.title;
  }
}

/** Shows an error, the time to wait, and the reference for support. Renders nothing without an error. */
export function ProblemNotice({ error }: { error: unknown }) {
  const messages = useMessages();
  const retryAt = useRetryTime(error);
  const secondsLeft = useSecondsUntil(retryAt);
  if (!error || isProblem(error, 'step_up_required')) return null;
  const isServerError = isProblem(error) && error.status >= 500;
  return (
    <div className="notice notice-bad" role="alert">
      {toMessage(error, messages)}
      {secondsLeft > 0 && <span aria-live="off"> {messages.problems.tryIn(formatClock(secondsLeft))}</span>}
      {isServerError && error.requestId && <small> {messages.problems.reference(error.requestId)}</small>}
    </div>
  );
}

/** Returns when the user may retry, in milliseconds since the epoch. */
function useRetryTime(error: unknown): number | undefined {
  const [retryAt, setRetryAt] = useState<number>();
  useEffect(() => {
    const retryAfter = isProblem(error) ? error.retryAfter : undefined;
    setRetryAt(retryAfter === undefined ? undefined : Date.now() + retryAfter * 1000);
  }, [error]);
  return retryAt;
}
