import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatDateTime } from '../fields/format';
import { useLanguage } from '../i18n/language';
import { useSession } from '../session';
import { takeResumedAction } from '../step-up/resume';
import { useStepUp } from '../step-up/step-up';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Icon } from '../ui/icon';
import { ProblemNotice } from '../ui/problem';
import { useToast } from '../ui/toast';
import { describeDevice } from './device';

/** Lists the user's sessions, with buttons to end them. */
export function SessionsCard() {
  const { api, signOut } = useSession();
  const { locale, messages } = useLanguage();
  const { runResumable, proofStore } = useStepUp();
  const queries = useQueryClient();
  const showToast = useToast();
  const { data, error } = useQuery({
    queryKey: ['sessions'],
    queryFn: async ({ signal }) => (await api.GET('/v1/sessions', { signal })).data.sessions,
  });
  const [endingId, setEndingId] = useState<string | undefined>(
    () => takeResumedAction('session')?.id ?? (takeResumedAction('sessions') && ALL),
  );
  const isCurrentKnown = data?.some(({ current }) => current) ?? false;
  const otherSessions = data?.filter(({ current }) => !current) ?? [];
  const getDeviceName = ({ userAgent }: { userAgent: string | null }) =>
    describeDevice(userAgent) ?? messages.sessions.unknown;
  const session = data?.find(({ id }) => id === endingId);

  async function end(id: string) {
    if (id === ALL) {
      const { data: result } = await runResumable({ type: 'sessions' }, () => api.DELETE('/v1/sessions'));
      proofStore.clear();
      // The current session has also ended, so the page can no longer renew its tokens.
      if (!result.currentSpared) return signOut();
    } else {
      await runResumable({ type: 'session', id }, () => api.DELETE('/v1/sessions/{id}', { params: { path: { id } } }));
      proofStore.clear();
    }
    showToast(messages.sessions.ended);
    await queries.invalidateQueries({ queryKey: ['sessions'] });
  }

  return (
    <Card title={messages.cards.sessions}>
      <ProblemNotice error={error} />
      {data?.length === 0 && <p className="quiet">{messages.sessions.none}</p>}
      <ul className="rows">
        {data?.map((entry) => (
          <li className="row row-item" key={entry.id}>
            <Icon name="device" />
            <div className="row-value">
              <strong>{getDeviceName(entry)}</strong>{' '}
              {entry.current && <span className="badge">{messages.sessions.current}</span>}
              <small className="quiet">
                {[entry.signedInAt && messages.sessions.signedIn(formatDateTime(entry.signedInAt, locale)), entry.ip]
                  .filter(Boolean)
                  .join(' · ')}
              </small>
            </div>
            {!entry.current && (
              <div className="row-actions">
                <button
                  type="button"
                  className="link link-bad"
                  aria-label={messages.ofField(messages.sessions.end, getDeviceName(entry))}
                  onClick={() => setEndingId(entry.id)}
                >
                  {messages.sessions.end}
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {otherSessions.length > 0 && (
        <button type="button" className="button" onClick={() => setEndingId(ALL)}>
          {isCurrentKnown ? messages.sessions.endOthers : messages.sessions.endAll}
        </button>
      )}
      {(session ?? (endingId === ALL && data)) && endingId !== undefined && (
        <ConfirmDialog
          title={
            session
              ? `${messages.sessions.end}: ${getDeviceName(session)}`
              : isCurrentKnown
                ? messages.sessions.endOthers
                : messages.sessions.endAll
          }
          action={messages.sessions.end}
          onConfirm={() => end(endingId)}
          onClose={() => setEndingId(undefined)}
        >
          {endingId === ALL && !isCurrentKnown && <p>{messages.sessions.endAllText}</p>}
        </ConfirmDialog>
      )}
    </Card>
  );
}

/** Used instead of a session ID to end all other sessions. */
const ALL = '*';
