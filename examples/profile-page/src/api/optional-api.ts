import type { ProfileClient } from 'logto-profile-client';

/** Operations that a deployment may not offer. Check `useOperations` before calling them. */
export interface OptionalApi {
  GET(path: '/v1/activity', init?: object): Promise<{ data: { items: ActivityEntry[]; next: string | null } }>;
  POST(path: '/v1/account/export'): Promise<{ data: unknown }>;
  PUT(path: '/v1/profile/avatar', init: { body: FormData }): Promise<{ data: { avatar: string } }>;
  DELETE(path: '/v1/account'): Promise<unknown>;
}

interface ActivityEntry {
  readonly at: string | number;
  readonly action: string;
  readonly fields?: readonly string[] | null;
}

/** Types the client for these operations, which the OpenAPI document of the sample does not contain. */
export const toOptionalApi = (api: ProfileClient): OptionalApi => api as unknown as OptionalApi;
