import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { toOptionalApi } from '../api/optional-api';
import { useFields, useOperations } from '../api/queries';
import { formatDateTime } from '../fields/format';
import { toLabel } from '../fields/model';
import { useLanguage, useMessages } from '../i18n/language';
import { useSession } from '../session';
import { takeResumedAction } from '../step-up/resume';
import { useStepUp } from '../step-up/step-up';
import { isProblem } from 'logto-profile-client';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { ProblemNotice } from '../ui/problem';
import { TextField } from '../ui/text-field';
import { useToast } from '../ui/toast';

/** The operations of this section. A deployment may offer none of them. */
export const PRIVACY_OPERATIONS = ['GET /v1/activity', 'POST /v1/account/export', 'DELETE /v1/account'];

/** Shows recent changes, data export, and account deletion, if the deployment offers them. */
export function PrivacySection() {
  const { nothingHere } = useMessages();
  const operations = useOperations();
  return (
    <>
      {operations?.has('GET /v1/activity') && <ActivityCard />}
      {operations?.has('POST /v1/account/export') && <ExportCard />}
      {operations?.has('DELETE /v1/account') && <DeletionCard />}
      {operations && !PRIVACY_OPERATIONS.some((operation) => operations.has(operation)) && (
        <p className="quiet">{nothingHere}</p>
      )}
    </>
  );
}

function ActivityCard() {
  const api = toOptionalApi(useSession().api);
  const { locale, messages } = useLanguage();
  const fields = useFields();
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['activity'],
    queryFn: async ({ signal, pageParam }) =>
      (await api.GET('/v1/activity', { signal, params: { query: pageParam ? { cursor: pageParam } : {} } })).data,
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const getLabel = (name: string) => fields.find((field) => field.name === name)?.label ?? toLabel(name);
  const items = data?.pages.flatMap((page) => page.items);
  return (
    <Card title={messages.cards.activity}>
      <ProblemNotice error={error} />
      {items?.length === 0 && <p className="quiet">{messages.activity.none}</p>}
      <ol className="rows">
        {items?.map(({ at, action, fields: names }, i) => (
          <li className="row row-plain" key={`${at} ${i}`}>
            <span className="row-value">
              {names?.length ? messages.activity.changed(names.map(getLabel).join(', ')) : toLabel(action)}
            </span>
            <time className="quiet" dateTime={new Date(at).toISOString()}>
              {formatDateTime(at, locale)}
            </time>
          </li>
        ))}
      </ol>
      {hasNextPage && (
        <button type="button" className="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {messages.activity.more}
        </button>
      )}
    </Card>
  );
}

function ExportCard() {
  const api = toOptionalApi(useSession().api);
  const messages = useMessages();
  const showToast = useToast();
  const { runResumable, proofStore } = useStepUp();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  async function download() {
    setBusy(true);
    setError(undefined);
    try {
      const { data } = await runResumable({ type: 'export' }, () => api.POST('/v1/account/export'));
      proofStore.clear();
      const url = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }));
      Object.assign(document.createElement('a'), { href: url, download: 'profile.json' }).click();
      URL.revokeObjectURL(url);
      showToast(messages.exportData.done);
    } catch (reason) {
      if (!isProblem(reason, 'step_up_required')) setError(reason);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Card title={messages.cards.exportData}>
      <p>{messages.exportData.text}</p>
      <ProblemNotice error={error} />
      <button type="button" className="button" disabled={busy} onClick={() => void download()}>
        {messages.exportData.button}
      </button>
    </Card>
  );
}

function DeletionCard() {
  const { api, signOut } = useSession();
  const messages = useMessages();
  const { deletion } = messages;
  const { runResumable, proofStore } = useStepUp();
  const [isConfirming, setConfirming] = useState(() => takeResumedAction('deletion') !== undefined);
  const [typedWord, setTypedWord] = useState('');

  async function remove() {
    await runResumable({ type: 'deletion' }, () => toOptionalApi(api).DELETE('/v1/account'));
    proofStore.clear();
    await signOut();
  }

  return (
    <Card title={messages.cards.deletion} tone="bad">
      <p>{deletion.text}</p>
      <button type="button" className="button button-bad" onClick={() => setConfirming(true)}>
        {deletion.button}
      </button>
      {isConfirming && (
        <ConfirmDialog
          title={deletion.heading}
          action={deletion.button}
          disabled={typedWord.trim().toLowerCase() !== deletion.word}
          onConfirm={remove}
          onClose={() => setConfirming(false)}
        >
          <p>{deletion.text}</p>
          <TextField
            label={deletion.typeIt(deletion.word)}
            autoComplete="off"
            value={typedWord}
            onChange={setTypedWord}
          />
        </ConfirmDialog>
      )}
    </Card>
  );
}
