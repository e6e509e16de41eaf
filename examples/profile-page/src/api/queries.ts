import { queryOptions, useQuery } from '@tanstack/react-query';
import type { ProfileClient } from 'logto-profile-client';
import { useMemo } from 'react';
import { fieldsOf, type Field, type Schema } from '../fields/model';
import { fromClaims } from '../fields/claims';
import type { Json, JsonObject } from '../fields/json';
import { useLanguage } from '../i18n/language';
import { useSession } from '../session';

export const PROFILE = ['profile'] as const;

/** The document as read by `GET /v1/profile`. */
export const profileQuery = (api: ProfileClient) =>
  queryOptions({ queryKey: PROFILE, queryFn: ({ signal }) => api.readProfile({ signal }) });

export function useProfile() {
  const { api } = useSession();
  return useQuery(profileQuery(api));
}

/** Which fields there are. The schema seen last is used until the service has answered, so that nothing jumps. */
export function useFields(): readonly Field[] {
  const { api, config } = useSession();
  const { language, words } = useLanguage();
  const stored = `profile-page:schema:${language}:${config.apiUrl}`;
  const { data: schema } = useQuery({
    queryKey: ['schema', language],
    queryFn: async ({ signal }) => {
      const { data } = await api.GET('/v1/profile/schema', { signal });
      localStorage.setItem(stored, JSON.stringify(data));
      return data as unknown as Schema;
    },
    placeholderData: () => {
      const text = localStorage.getItem(stored);
      return text ? (JSON.parse(text) as Schema) : undefined;
    },
    staleTime: 5 * 60_000,
  });
  const profile = useProfile();
  // Last, since it only refines what the other two already show.
  const { data: capabilities } = useQuery({
    queryKey: ['capabilities'],
    queryFn: async ({ signal }) => (await api.GET('/v1/profile/capabilities', { signal })).data,
    enabled: profile.isSuccess && schema !== undefined,
    staleTime: 60_000,
  });
  const names = profile.data && Object.keys(profile.data.profile).join(' ');
  return useMemo(
    () => fieldsOf({ schema, names: names?.split(' '), capabilities: capabilities as never, labels: words.fields }),
    [schema, names, capabilities, words],
  );
}

/** What is known of the values so far: the ID token's claims at once, then Logto's userinfo, then the service's own. */
export function useKnownValues(): { values: Readonly<Record<string, Json | undefined>>; complete: boolean } {
  const { claims, userInfo } = useSession();
  const profile = useProfile();
  const options = { staleTime: Infinity, retry: false, refetchOnWindowFocus: false } as const;
  const { data: idToken } = useQuery({
    queryKey: ['claims'],
    queryFn: async () => (await claims()) ?? null,
    ...options,
  });
  const { data: info } = useQuery({
    queryKey: ['userinfo'],
    queryFn: async () => (await userInfo()) ?? null,
    ...options,
    enabled: !profile.data,
  });
  return useMemo(() => {
    if (profile.data) return { values: profile.data.profile as JsonObject, complete: true };
    return { values: { ...fromClaims(idToken), ...fromClaims(info) }, complete: false };
  }, [profile.data, idToken, info]);
}

/** What this deployment offers, as `GET /v1/sessions`; `undefined` until known. Its own document says so. */
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
