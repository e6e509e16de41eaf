import type { ProfileClient } from 'logto-profile-client';

/** Operations that not every deployment offers; ask useOperations first. */
export interface OptionalApi {
  GET(path: '/v1/sessions', init?: { signal?: AbortSignal }): Promise<{ data: { sessions: SessionEntry[] } }>;
  GET(path: '/v1/identities', init?: { signal?: AbortSignal }): Promise<{ data: { identities: IdentityEntry[] } }>;
  GET(path: '/v1/mfa-factors', init?: { signal?: AbortSignal }): Promise<{ data: { factors: FactorEntry[] } }>;
  GET(path: '/v1/activity', init?: object): Promise<{ data: { items: ActivityEntry[]; next: string | null } }>;
  POST(path: '/v1/account/export'): Promise<{ data: unknown }>;
  PUT(path: '/v1/profile/avatar', init: { body: FormData }): Promise<{ data: { avatar: string } }>;
  DELETE(path: string, init?: object): Promise<unknown>;
}

export interface SessionEntry {
  readonly id: string;
  readonly signedInAt: string | number | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly clientId: string | null;
  /** Null: nobody can tell. */
  readonly current: boolean | null;
}

export interface IdentityEntry {
  readonly target: string;
  readonly [detail: string]: unknown;
}

export interface FactorEntry {
  readonly id: string;
  readonly type: string;
  readonly createdAt?: string | number | null;
  readonly [detail: string]: unknown;
}

export interface ActivityEntry {
  readonly at: string | number;
  readonly action: string;
  readonly fields?: readonly string[] | null;
}

export const optional = (api: ProfileClient): OptionalApi => api as unknown as OptionalApi;
