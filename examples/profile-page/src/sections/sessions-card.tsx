import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatMoment } from '../fields/display';
import { useLanguage } from '../i18n/language';
import { useSession } from '../session';
import { resume } from '../step-up/resume';
import { useStepUp } from '../step-up/step-up';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Icon } from '../ui/icon';
import { ProblemNotice } from '../ui/problem';
import { useToast } from '../ui/toast';
import { deviceOf } from './device';

/** The devices the person is signed in on, and the way to end each. */
export function SessionsCard() {
  const { api, signOut } = useSession();
  const { locale, words } = useLanguage();
  const { resumable, wallet } = useStepUp();
  const queries = useQueryClient();
  const say = useToast();
  const { data, error } = useQuery({
    queryKey: ['sessions'],
    queryFn: async ({ signal }) => (await api.GET('/v1/sessions', { signal })).data.sessions,
  });
  const [ending, setEnding] = useState<string | undefined>(() => resume('session')?.id ?? (resume('sessions') && ALL));
  const known = data?.some(({ current }) => current) ?? false;
  const others = data?.filter(({ current }) => !current) ?? [];
  const nameOf = ({ userAgent }: { userAgent: string | null }) => deviceOf(userAgent) ?? words.sessions.unknown;
  const session = data?.find(({ id }) => id === ending);

  async function end(id: string) {
    if (id === ALL) {
      const { data: outcome } = await resumable({ type: 'sessions' }, () => api.DELETE('/v1/sessions'));
      wallet.clear();
      // This one is over too: what is shown here could not be renewed any more.
      if (!outcome.currentSpared) return signOut();
    } else {
      await resumable({ type: 'session', id }, () => api.DELETE('/v1/sessions/{id}', { params: { path: { id } } }));
      wallet.clear();
    }
    say(words.sessions.ended);
    await queries.invalidateQueries({ queryKey: ['sessions'] });
  }

  return (
    <Card title={words.cards.sessions}>
      <ProblemNotice error={error} />
      {data?.length === 0 && <p className="quiet">{words.sessions.none}</p>}
      <ul className="rows">
        {data?.map((entry) => (
          <li className="row row-item" key={entry.id}>
            <Icon name="device" />
            <div className="row-value">
              <strong>{nameOf(entry)}</strong>{' '}
              {entry.current && <span className="badge">{words.sessions.current}</span>}
              <small className="quiet">
                {[entry.signedInAt && words.sessions.signedIn(formatMoment(entry.signedInAt, locale)), entry.ip]
                  .filter(Boolean)
                  .join(' · ')}
              </small>
            </div>
            {!entry.current && (
              <div className="row-actions">
                <button
                  type="button"
                  className="link link-bad"
                  aria-label={words.ofField(words.sessions.end, nameOf(entry))}
                  onClick={() => setEnding(entry.id)}
                >
                  {words.sessions.end}
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <button type="button" className="button" onClick={() => setEnding(ALL)}>
          {known ? words.sessions.endOthers : words.sessions.endAll}
        </button>
      )}
      {(session ?? (ending === ALL && data)) && ending !== undefined && (
        <ConfirmDialog
          title={
            session
              ? `${words.sessions.end}: ${nameOf(session)}`
              : known
                ? words.sessions.endOthers
                : words.sessions.endAll
          }
          action={words.sessions.end}
          onConfirm={() => end(ending)}
          onClose={() => setEnding(undefined)}
        >
          {ending === ALL && !known && <p>{words.sessions.endAllText}</p>}
        </ConfirmDialog>
      )}
    </Card>
  );
}

const ALL = '*';
