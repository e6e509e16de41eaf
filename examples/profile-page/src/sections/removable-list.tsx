import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useWords } from '../i18n/language';
import { resume, type Resumable } from '../step-up/resume';
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
  readonly none: string;
  readonly removed: string;
  readonly type: Extract<Resumable, { id: string }>['type'];
  readonly queryKey: readonly string[];
  load(signal: AbortSignal): Promise<Removable[]>;
  remove(id: string): Promise<unknown>;
}

/** Things a person may part with, one by one, after a question and a proof. */
export function RemovableList({ title, icon, none, removed, type, queryKey, load, remove }: RemovableListProps) {
  const words = useWords();
  const say = useToast();
  const queries = useQueryClient();
  const { resumable, wallet } = useStepUp();
  const { data, error } = useQuery({ queryKey, queryFn: ({ signal }) => load(signal) });
  const [asking, setAsking] = useState(() => resume(type)?.id);
  const item = data?.find(({ id }) => id === asking);

  async function confirmed({ id }: Removable) {
    await resumable({ type, id }, () => remove(id));
    wallet.clear();
    say(removed);
    await queries.invalidateQueries({ queryKey });
  }

  return (
    <Card title={title}>
      <ProblemNotice error={error} />
      {data?.length === 0 && <p className="quiet">{none}</p>}
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
                aria-label={words.ofField(words.remove, label)}
                onClick={() => setAsking(id)}
              >
                {words.remove}
              </button>
            </div>
          </li>
        ))}
      </ul>
      {item && (
        <ConfirmDialog
          title={words.sure(item.label)}
          action={words.remove}
          onConfirm={() => confirmed(item)}
          onClose={() => setAsking(undefined)}
        />
      )}
    </Card>
  );
}
