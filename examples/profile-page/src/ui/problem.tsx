import { useEffect, useState } from 'react';
import { isProblem } from 'logto-profile-client';
import type { Words } from '../i18n/en';
import { useWords } from '../i18n/language';
import { clock, useSecondsUntil } from './countdown';

/** A problem in words for the person in front of the page. */
export function explain(error: unknown, { problems }: Words): string {
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

/** A refused request: what happened, how long to wait, and the reference for support. Renders nothing without one. */
export function ProblemNotice({ error }: { error: unknown }) {
  const words = useWords();
  const until = useRetryMoment(error);
  const left = useSecondsUntil(until);
  if (!error || isProblem(error, 'step_up_required')) return null;
  const server = isProblem(error) && error.status >= 500;
  return (
    <div className="notice notice-bad" role="alert">
      {explain(error, words)}
      {left > 0 && <span aria-live="off"> {words.problems.tryIn(clock(left))}</span>}
      {server && error.requestId && <small> {words.problems.reference(error.requestId)}</small>}
    </div>
  );
}

/** When a refused request may go again, in milliseconds since the epoch. */
function useRetryMoment(error: unknown): number | undefined {
  const [moment, setMoment] = useState<number>();
  useEffect(() => {
    const wait = isProblem(error) ? error.retryAfter : undefined;
    setMoment(wait === undefined ? undefined : Date.now() + wait * 1000);
  }, [error]);
  return moment;
}
