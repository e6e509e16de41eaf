import { queryOptions, useQuery } from '@tanstack/react-query';
import type { ProfileClient } from 'logto-profile-client';
import { useMemo } from 'react';
import { toFields, type Field, type Schema } from '../fields/model';
import { fromClaims } from '../fields/claims';
import type { Json, JsonObject } from '../fields/json';
import { useLanguage } from '../i18n/language';
import { useSession } from '../session';

export const PROFILE_QUERY_KEY = ['profile'] as const;

/** The query that loads the profile document. */
export const profileQuery = (api: ProfileClient) =>
  queryOptions({ queryKey: PROFILE_QUERY_KEY, queryFn: ({ signal }) => api.readProfile({ signal }) });

export function useProfile() {
  const { api } = useSession();
  return useQuery(profileQuery(api));
}

/** Returns the fields of the page. Until the service responds, it uses the stored schema, to avoid layout shifts. */
export function useFields(): readonly Field[] {
  const { api, config } = useSession();
  const { language, messages } = useLanguage();
  const storageKey = `profile-page:schema:${language}:${config.apiUrl}`;
  const { data: schema } = useQuery({
    queryKey: ['schema', language],
    queryFn: async ({ signal }) => {
      const { data } = await api.GET('/v1/profile/schema', { signal });
      localStorage.setItem(storageKey, JSON.stringify(data));
      return data as unknown as Schema;
    },
    placeholderData: () => {
      const text = localStorage.getItem(storageKey);
      return text ? (JSON.parse(text) as Schema) : undefined;
    },
    staleTime: 5 * 60_000,
  });
  const profile = useProfile();
  // Loaded last, because it only refines what is already visible.
  const { data: capabilities } = useQuery({
    queryKey: ['capabilities'],
    queryFn: async ({ signal }) => (await api.GET('/v1/profile/capabilities', { signal })).data,
    enabled: profile.isSuccess && schema !== undefined,
    staleTime: 60_000,
  });
  // A string, so that the fields are not computed again while the names are the same.
  const names = profile.data && Object.keys(profile.data.profile).join(' ');
  return useMemo(
    () => toFields({ schema, names: names?.split(' '), capabilities: capabilities as never, labels: messages.fields }),
    [schema, names, capabilities, messages],
  );
}

/** Returns the profile document, or until it has loaded, the claims of the ID token and of Logto's userinfo. */
export function useFieldValues(): { values: Readonly<Record<string, Json | undefined>>; complete: boolean } {
  const { claims, userInfo } = useSession();
  const profile = useProfile();
  const options = { staleTime: Infinity, retry: false, refetchOnWindowFocus: false } as const;
  const { data: idTokenClaims } = useQuery({
    queryKey: ['claims'],
    queryFn: async () => (await claims()) ?? null,
    ...options,
  });
  const { data: userInfoClaims } = useQuery({
    queryKey: ['userinfo'],
    queryFn: async () => (await userInfo()) ?? null,
    ...options,
    enabled: !profile.data,
  });
  return useMemo(() => {
    if (profile.data) return { values: profile.data.profile as JsonObject, complete: true };
    return { values: { ...fromClaims(idTokenClaims), ...fromClaims(userInfoClaims) }, complete: false };
  }, [profile.data, idTokenClaims, userInfoClaims]);
}

/** Returns the operations in this deployment's OpenAPI document, such as `GET /v1/sessions`; `undefined` until loaded. */
export function useOperations({ enabled = true } = {}): ReadonlySet<string> | undefined {
  const { config } = useSession();
  const { data } = useQuery({
    queryKey: ['operations'],
    queryFn: async ({ signal }) => {
      const response = await fetch(`${config.apiUrl}/openapi.json`, { signal });
      if (!response.ok) throw new Error(`openapi.json: ${response.status}`);
      const { paths } = (await response.json()) as { paths: Record<string, object> };
      return Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      );
    },
    staleTime: Infinity,
    enabled,
  });
  return useMemo(() => data && new Set(data), [data]);
}
