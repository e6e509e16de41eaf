import type { Tenant } from '../tenant/tenant.js';
import type { User } from '../tenant/types.js';

const FIELDS = ['id', 'primaryEmail', 'primaryPhone', 'username', 'name'] as const;
type Field = (typeof FIELDS)[number];
type Query = Record<string, string | string[] | undefined>;

/**
 * Finds users by the query of `GET /users`, newest first. `search` is a SQL LIKE pattern for any field.
 * `search.<field>` searches one field; `mode.<field>` is `exact`, `like`, `similar_to` or `posix`.
 */
export function searchUsers(tenant: Tenant, query: Query): User[] {
  const isUsernameCaseSensitive = tenant.signInExperience.usernamePolicy['caseSensitive'] !== false;
  const conditions = FIELDS.flatMap((field) => {
    const values = [query[`search.${field}`] ?? []].flat();
    const caseSensitive = query['isCaseSensitive'] === 'true' || (field === 'username' && isUsernameCaseSensitive);
    return values.map((value) => createMatcher(field, value, String(query[`mode.${field}`] ?? 'like'), caseSensitive));
  });
  const fieldMatchers =
    query['search'] && FIELDS.map((field) => createMatcher(field, String(query['search']), 'like', false));
  if (fieldMatchers) conditions.push((user) => fieldMatchers.some((matches) => matches(user)));
  const mustMatchAll = query['joint'] === 'and';
  return [...tenant.users.values()]
    .reverse()
    .filter(
      (user) =>
        conditions.length === 0 ||
        (mustMatchAll ? conditions.every((matches) => matches(user)) : conditions.some((matches) => matches(user))),
    );
}

function createMatcher(field: Field, value: string, mode: string, caseSensitive: boolean): (user: User) => boolean {
  if (mode === 'exact') {
    const normalize = (text: string): string => (caseSensitive ? text : text.toLowerCase());
    return (user) => normalize(user[field] ?? '') === normalize(value);
  }
  const source =
    mode === 'posix'
      ? value
      : `^${value
          .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
          .replaceAll('%', '.*')
          .replaceAll('_', '.')}$`;
  const pattern = new RegExp(source, caseSensitive ? 's' : 'is');
  return (user) => pattern.test(user[field] ?? '');
}
