import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { optional } from '../api/optional';
import { useFields, useOperations } from '../api/queries';
import { formatMoment } from '../fields/display';
import { humanise } from '../fields/model';
import { useLanguage, useWords } from '../i18n/language';
import { useSession } from '../session';
import { resume } from '../step-up/resume';
import { useStepUp } from '../step-up/step-up';
import { isProblem } from 'logto-profile-client';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { ProblemNotice } from '../ui/problem';
import { TextField } from '../ui/text-field';
import { useToast } from '../ui/toast';

/** Without any of these the section has nothing to show. */
export const PRIVACY_OPERATIONS = ['GET /v1/activity', 'POST /v1/account/export', 'DELETE /v1/account'];

/** The person's own history, a copy of their data, and the end of it: as far as this deployment offers each. */
export function PrivacySection() {
  const { nothingHere } = useWords();
  const offers = useOperations();
  return (
    <>
      {offers?.has('GET /v1/activity') && <ActivityCard />}
      {offers?.has('POST /v1/account/export') && <ExportCard />}
      {offers?.has('DELETE /v1/account') && <DeletionCard />}
      {offers && !PRIVACY_OPERATIONS.some((operation) => offers.has(operation)) && (
        <p className="quiet">{nothingHere}</p>
      )}
    </>
  );
}

function ActivityCard() {
  const api = optional(useSession().api);
  const { locale, words } = useLanguage();
  const fields = useFields();
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['activity'],
    queryFn: async ({ signal, pageParam }) =>
      (await api.GET('/v1/activity', { signal, params: { query: pageParam ? { cursor: pageParam } : {} } })).data,
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const labelOf = (name: string) => fields.find((field) => field.name === name)?.label ?? humanise(name);
  const items = data?.pages.flatMap((page) => page.items);
  return (
    <Card title={words.cards.activity}>
      <ProblemNotice error={error} />
      {items?.length === 0 && <p className="quiet">{words.activity.none}</p>}
      <ol className="rows">
        {items?.map(({ at, action, fields: names }, i) => (
          <li className="row row-plain" key={`${at} ${i}`}>
            <span className="row-value">
              {names?.length ? words.activity.changed(names.map(labelOf).join(', ')) : humanise(action)}
            </span>
            <time className="quiet" dateTime={new Date(at).toISOString()}>
              {formatMoment(at, locale)}
            </time>
          </li>
        ))}
      </ol>
      {hasNextPage && (
        <button type="button" className="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {words.activity.more}
        </button>
      )}
    </Card>
  );
}

function ExportCard() {
  const api = optional(useSession().api);
  const words = useWords();
  const say = useToast();
  const { resumable, wallet } = useStepUp();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  async function download() {
    setBusy(true);
    setError(undefined);
    try {
      const { data } = await resumable({ type: 'export' }, () => api.POST('/v1/account/export'));
      wallet.clear();
      const url = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }));
      Object.assign(document.createElement('a'), { href: url, download: 'profile.json' }).click();
      URL.revokeObjectURL(url);
      say(words.exportData.done);
    } catch (refusal) {
      if (!isProblem(refusal, 'step_up_required')) setError(refusal);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Card title={words.cards.exportData}>
      <p>{words.exportData.text}</p>
      <ProblemNotice error={error} />
      <button type="button" className="button" disabled={busy} onClick={() => void download()}>
        {words.exportData.button}
      </button>
    </Card>
  );
}

function DeletionCard() {
  const { api, signOut } = useSession();
  const words = useWords();
  const { deletion } = words;
  const { resumable, wallet } = useStepUp();
  const [asking, setAsking] = useState(() => resume('deletion') !== undefined);
  const [typed, setTyped] = useState('');

  async function remove() {
    await resumable({ type: 'deletion' }, () => optional(api).DELETE('/v1/account'));
    wallet.clear();
    await signOut();
  }

  return (
    <Card title={words.cards.deletion} tone="bad">
      <p>{deletion.text}</p>
      <button type="button" className="button button-bad" onClick={() => setAsking(true)}>
        {deletion.button}
      </button>
      {asking && (
        <ConfirmDialog
          title={deletion.heading}
          action={deletion.button}
          disabled={typed.trim().toLowerCase() !== deletion.word}
          onConfirm={remove}
          onClose={() => setAsking(false)}
        >
          <p>{deletion.text}</p>
          <TextField label={deletion.typeIt(deletion.word)} autoComplete="off" value={typed} onChange={setTyped} />
        </ConfirmDialog>
      )}
    </Card>
  );
}
