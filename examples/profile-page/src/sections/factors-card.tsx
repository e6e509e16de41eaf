import { formatDateTime } from '../fields/format';
import { useLanguage } from '../i18n/language';
import { useSession } from '../session';
import { RemovableList } from './removable-list';

/** Lists the user's factors for two-step verification. */
export function FactorsCard() {
  const { api } = useSession();
  const { locale, messages } = useLanguage();
  const { cards, factors } = messages;
  return (
    <RemovableList
      title={cards.factors}
      icon="key"
      type="factor"
      emptyText={factors.none}
      removedText={factors.removed}
      queryKey={['factors']}
      load={async (signal) =>
        (await api.GET('/v1/mfa-factors', { signal })).data.factors.map(({ id, type, name, createdAt }) => ({
          id,
          label: name ?? factors.kinds[type] ?? type,
          detail: formatDateTime(createdAt, locale),
        }))
      }
      remove={(id) => api.DELETE('/v1/mfa-factors/{id}', { params: { path: { id } } })}
    />
  );
}
