import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useMessages } from '../i18n/language';
import { takeResumedAction, type ResumableAction } from '../step-up/resume';
import { useStepUp } from '../step-up/step-up';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { Icon, type IconName } from '../ui/icon';
import { ProblemNotice } from '../ui/problem';
import { useToast } from '../ui/toast';

export interface Removable {
  readonly id: string;
  readonly label: string;
  readonly detail?: string;
}

interface RemovableListProps {
  readonly title: string;
  readonly icon: IconName;
  /** Shown if the list is empty. */
  readonly emptyText: string;
  /** Shown after an item has been removed. */
  readonly removedText: string;
  readonly type: Extract<ResumableAction, { id: string }>['type'];
  readonly queryKey: readonly string[];
  load(signal: AbortSignal): Promise<Removable[]>;
  remove(id: string): Promise<unknown>;
}

/** A list of items that the user can remove one at a time, after a confirmation and a proof. */
export function RemovableList({
  title,
  icon,
  emptyText,
  removedText,
  type,
  queryKey,
  load,
  remove,
}: RemovableListProps) {
  const messages = useMessages();
  const showToast = useToast();
  const queries = useQueryClient();
  const { runResumable, proofStore } = useStepUp();
  const { data, error } = useQuery({ queryKey, queryFn: ({ signal }) => load(signal) });
  const [confirmingId, setConfirmingId] = useState(() => takeResumedAction(type)?.id);
  const item = data?.find(({ id }) => id === confirmingId);

  async function removeItem({ id }: Removable) {
    await runResumable({ type, id }, () => remove(id));
    proofStore.clear();
    showToast(removedText);
    await queries.invalidateQueries({ queryKey });
  }

  return (
    <Card title={title}>
      <ProblemNotice error={error} />
      {data?.length === 0 && <p className="quiet">{emptyText}</p>}
      <ul className="rows">
        {data?.map(({ id, label, detail }) => (
          <li className="row row-item" key={id}>
            <Icon name={icon} />
            <div className="row-value">
              <strong>{label}</strong>
              {detail && <small className="quiet">{detail}</small>}
            </div>
            <div className="row-actions">
              <button
                type="button"
                className="link link-bad"
                aria-label={messages.ofField(messages.remove, label)}
                onClick={() => setConfirmingId(id)}
              >
                {messages.remove}
              </button>
            </div>
          </li>
        ))}
      </ul>
      {item && (
        <ConfirmDialog
          title={messages.sure(item.label)}
          action={messages.remove}
          onConfirm={() => removeItem(item)}
          onClose={() => setConfirmingId(undefined)}
        />
      )}
    </Card>
  );
}
