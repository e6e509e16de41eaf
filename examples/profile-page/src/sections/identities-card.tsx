import { optional, type IdentityEntry } from '../api/optional';
import { isObject } from '../fields/json';
import { humanise } from '../fields/model';
import { useWords } from '../i18n/language';
import { useSession } from '../session';
import { RemovableList } from './removable-list';

/** Accounts elsewhere that the person signs in with. */
export function IdentitiesCard() {
  const api = optional(useSession().api);
  const { cards, identities } = useWords();
  return (
    <RemovableList
      title={cards.identities}
      icon="link"
      type="identity"
      none={identities.none}
      removed={identities.removed}
      queryKey={['identities']}
      load={async (signal) =>
        (await api.GET('/v1/identities', { signal })).data.identities.map((identity) => ({
          id: identity.target,
          label: humanise(identity.target),
          ...detailOf(identity),
        }))
      }
      remove={(target) => api.DELETE('/v1/identities/{target}', { params: { path: { target } } })}
    />
  );
}

/** Whose account it is there, as far as the provider told. */
function detailOf({ target: _target, ...more }: IdentityEntry): { detail?: string } {
  const told = { ...(isObject(more['details']) ? more['details'] : {}), ...more } as Record<string, unknown>;
  const detail = [told['name'], told['email']].filter((part) => typeof part === 'string').join(' · ');
  return detail ? { detail } : {};
}
