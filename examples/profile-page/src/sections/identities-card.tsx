import { toLabel } from '../fields/model';
import { useMessages } from '../i18n/language';
import { useSession } from '../session';
import { RemovableList } from './removable-list';

/** Lists the external accounts with which the user signs in. */
export function IdentitiesCard() {
  const { api } = useSession();
  const { cards, identities } = useMessages();
  return (
    <RemovableList
      title={cards.identities}
      icon="link"
      type="identity"
      emptyText={identities.none}
      removedText={identities.removed}
      queryKey={['identities']}
      load={async (signal) =>
        (await api.GET('/v1/identities', { signal })).data.identities.map(({ target, name, email }) => ({
          id: target,
          label: toLabel(target),
          detail: [name, email].filter(Boolean).join(' · '),
        }))
      }
      remove={(target) => api.DELETE('/v1/identities/{target}', { params: { path: { target } } })}
    />
  );
}
