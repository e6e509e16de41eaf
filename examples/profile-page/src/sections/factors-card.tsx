import { formatMoment } from '../fields/display';
import { useLanguage } from '../i18n/language';
import { useSession } from '../session';
import { RemovableList } from './removable-list';

/** What is asked for besides the password when signing in. */
export function FactorsCard() {
  const { api } = useSession();
  const { locale, words } = useLanguage();
  const { cards, factors } = words;
  return (
    <RemovableList
      title={cards.factors}
      icon="key"
      type="factor"
      none={factors.none}
      removed={factors.removed}
      queryKey={['factors']}
      load={async (signal) =>
        (await api.GET('/v1/mfa-factors', { signal })).data.factors.map(({ id, type, name, createdAt }) => ({
          id,
          label: name ?? factors.kinds[type] ?? type,
          detail: formatMoment(createdAt, locale),
        }))
      }
      remove={(id) => api.DELETE('/v1/mfa-factors/{id}', { params: { path: { id } } })}
    />
  );
}
