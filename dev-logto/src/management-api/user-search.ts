import type { Tenant } from '../tenant/tenant.js';
import type { User } from '../tenant/types.js';

const FIELDS = ['id', 'primaryEmail', 'primaryPhone', 'username', 'name'] as const;
type Field = (typeof FIELDS)[number];
type Query = Record<string, string | string[] | undefined>;

/**
 * `GET /users`: `search` with SQL's `%` in any field, or `search.<field>` with `mode.<field>` (`exact`,
 * `like`, `similar_to`, `posix`); newest first.
 */
export function searchUsers(tenant: Tenant, query: Query): User[] {
  const caseSensitiveNames = tenant.signInExperience.usernamePolicy['caseSensitive'] !== false;
  const conditions = FIELDS.flatMap((field) => {
    const values = [query[`search.${field}`] ?? []].flat();
    const sensitive = query['isCaseSensitive'] === 'true' || (field === 'username' && caseSensitiveNames);
    return values.map((value) => matcher(field, value, String(query[`mode.${field}`] ?? 'like'), sensitive));
  });
  const anywhere = query['search'] && FIELDS.map((field) => matcher(field, String(query['search']), 'like', false));
  if (anywhere) conditions.push((user) => anywhere.some((matches) => matches(user)));
  const all = query['joint'] === 'and';
  return [...tenant.users.values()]
    .reverse()
    .filter(
      (user) =>
        conditions.length === 0 ||
        (all ? conditions.every((matches) => matches(user)) : conditions.some((matches) => matches(user))),
    );
}

function matcher(field: Field, value: string, mode: string, sensitive: boolean): (user: User) => boolean {
  if (mode === 'exact') {
    const fold = (text: string): string => (sensitive ? text : text.toLowerCase());
    return (user) => fold(user[field] ?? '') === fold(value);
  }
  const source =
    mode === 'posix'
      ? value
      : `^${value
          .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
          .replaceAll('%', '.*')
          .replaceAll('_', '.')}$`;
  const pattern = new RegExp(source, sensitive ? 's' : 'is');
  return (user) => pattern.test(user[field] ?? '');
}
