import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../json/json.js';
import { LogtoClient, pathOf, type Call } from './logto-client.js';
import {
  connectorsResponse,
  grantsResponse,
  hasPasswordResponse,
  identitiesResponse,
  mfaFactorsResponse,
  passwordCheckResponse,
  sessionsResponse,
  signInExperienceResponse,
  type LogtoGrant,
  type LogtoIdentities,
  type LogtoMfaFactor,
  type PasswordIssue,
  type SignInExperience,
} from './logto-responses.js';
import {
  customDataResponse,
  profileResponse,
  userListResponse,
  userResponse,
  type LogtoUser,
  type LogtoUserPatch,
  type LogtoUserProfile,
} from './logto-user.js';
import type { SendGuard } from './send-guard.js';
import { UpstreamError } from './upstream-error.js';

/** Where a code is sent. Phone numbers are E.164 digits without `+`, as Logto stores them. */
export type CodeRecipient = { readonly email: string } | { readonly phone: string };

/** The kinds of address that codes are sent to. */
export type Channel = 'email' | 'phone';
/** Whether Logto can send codes: `template_missing` means that its connector has no template for the usage type Generic. */
export type ChannelState = 'ready' | 'connector_missing' | 'template_missing';
export type MessageChannels = Readonly<Record<Channel, ChannelState>>;

export interface PasswordCheck {
  valid: boolean;
  issues: PasswordIssue[];
  /**
   * Logto could not check the password because its breached-password service is down; `valid` and `issues` are
   * meaningless.
   */
  unavailable?: true;
}

/** A browser session at Logto. Times are in milliseconds since the epoch. */
export interface LogtoSession {
  /** Identifies the session in Logto's URLs; neither its `jti` nor a `sid`. */
  uid: string;
  signedInAt: number;
  clientId: string | null;
  ip: string | null;
  userAgent: string | null;
  /** By client id: the `sid` in its ID tokens, and the grant. */
  authorizations: Record<string, { sid?: string; grantId?: string }>;
}

/** `at`: when the sessions were listed, in seconds since the epoch, by Logto's clock. */
export interface ListedSessions {
  readonly sessions: LogtoSession[];
  readonly at: number;
}

/**
 * Logto's Management API, with one method for each operation that this service uses. No other code calls it.
 *
 * Every method throws UpstreamError, whose `outcome` says whether the call may have been applied: `account_not_found`,
 * `not_found`, `identifier_taken`, `validation_failed`, `payload_too_large`, `rate_limited`, `channel_not_configured`,
 * `overloaded`, `upstream_failed`, `upstream_unavailable`, `upstream_timeout`. No text of Logto's is passed on.
 *
 * A `guard` decides immediately before the call is sent whether it still may be.
 */
@Injectable()
export class ManagementApiService {
  constructor(private readonly logto: LogtoClient) {}

  /** Throws `upstream_unavailable` while no codes can be sent to any recipient. */
  requireMessaging(): void {
    this.logto.requireAvailable('read', 'message');
  }

  /**
   * `ssoIdentities` is absent unless requested: it costs Logto one more query. With `unattended`, the call is made on nobody's behalf.
   */
  async getUser(userId: string, options: { ssoIdentities?: boolean; unattended?: boolean } = {}): Promise<LogtoUser> {
    const path = pathOf`/api/users/${userId}` + (options.ssoIdentities ? '?includeSsoIdentities=true' : '');
    const call: Call = { operation: 'getUser', method: 'GET', path, userId: options.unattended ? undefined : userId };
    return ownResponse(await this.logto.get(call, userResponse), userId);
  }

  /** As `getUser`. `at`: when Logto responded, in seconds since the epoch, by its clock. */
  async getTimedUser(userId: string): Promise<{ user: LogtoUser; at: number }> {
    const call: Call = { operation: 'getUser', method: 'GET', path: pathOf`/api/users/${userId}`, userId };
    const { body, at } = await this.logto.getTimed(call, userResponse);
    return { user: ownResponse(body, userId), at };
  }

  /** `page` counts from 1. `total` counts all users of the tenant. */
  async listUsers(options: { page: number; pageSize: number }): Promise<{ users: LogtoUser[]; total: number }> {
    const call: Call = {
      operation: 'listUsers',
      method: 'GET',
      path: `/api/users?page=${options.page}&page_size=${options.pageSize}`,
    };
    const response = await this.logto.call(call);
    if (response.status !== 200 || !userListResponse.matches(response.body)) throw this.logto.failure(call, response);
    return { users: response.body, total: Number(response.headers['total-number'] ?? response.body.length) };
  }

  /**
   * Atomic. A `profile` replaces the stored one. That is the only way to remove a claim, but it overwrites what another
   * writer changed since the profile was read.
   */
  async updateUser(userId: string, patch: LogtoUserPatch, guard?: SendGuard): Promise<LogtoUser> {
    const path = pathOf`/api/users/${userId}`;
    return this.logto.get({ operation: 'updateUser', method: 'PATCH', path, userId, body: patch, guard }, userResponse);
  }

  /** Merges one level deep (`address` is replaced as a whole); cannot remove a claim. Returns the merged profile. */
  async mergeProfile(userId: string, profile: LogtoUserProfile, guard?: SendGuard): Promise<LogtoUserProfile> {
    const path = pathOf`/api/users/${userId}/profile`;
    return this.logto.get(
      { operation: 'mergeProfile', method: 'PATCH', path, userId, body: { profile }, guard },
      profileResponse,
    );
  }

  /**
   * Merges the top level only, and stores null as null; other keys are kept. Returns all custom data after the merge.
   */
  async mergeCustomData(userId: string, topLevelKeys: JsonObject, guard?: SendGuard): Promise<JsonObject> {
    const path = pathOf`/api/users/${userId}/custom-data`;
    const body = { customData: topLevelKeys };
    return this.logto.get(
      { operation: 'mergeCustomData', method: 'PATCH', path, userId, body, guard },
      customDataResponse,
    );
  }

  async hasPassword(userId: string): Promise<boolean> {
    const path = pathOf`/api/users/${userId}/has-password`;
    return (await this.logto.get({ operation: 'hasPassword', method: 'GET', path, userId }, hasPasswordResponse))
      .hasPassword;
  }

  /**
   * Returns false for a wrong password and for a user without one. Logto does not limit attempts.
   */
  async verifyPassword(userId: string, password: string): Promise<boolean> {
    const path = pathOf`/api/users/${userId}/password/verify`;
    const body = { password };
    const call: Call = { operation: 'verifyPassword', method: 'POST', path, body, userId, kind: 'password' };
    const response = await this.logto.call(call);
    if (response.status < 300) return true;
    const failure = this.logto.failure(call, response);
    if (failure.code === 'invalid_credentials') return false;
    throw failure;
  }

  /**
   * Applies no policy and ends no session. Returns when the password was changed: seconds since the epoch, by Logto's
   * clock.
   */
  async updatePassword(userId: string, password: string, guard?: SendGuard): Promise<number> {
    const path = pathOf`/api/users/${userId}/password`;
    const body = { password };
    return this.logto.run({
      operation: 'updatePassword',
      method: 'PATCH',
      path,
      body,
      userId,
      kind: 'password',
      guard,
    });
  }

  /** Checks a password against the tenant's policy and the user's data, but not against the current password. */
  async checkPassword(userId: string, password: string): Promise<PasswordCheck> {
    const call: Call = {
      operation: 'checkPassword',
      method: 'POST',
      path: '/api/sign-in-exp/default/check-password',
      body: { password, userId },
      userId,
      kind: 'read',
    };
    const response = await this.logto.call(call);
    if ((response.status === 200 || response.status === 400) && passwordCheckResponse.matches(response.body)) {
      return { valid: response.body.result, issues: response.body.issues ?? [] };
    }
    const failure = this.logto.failure(call, response);
    // If its breached-password service is unavailable, Logto responds with 400, a message and no issues.
    if (failure.logtoCode === 'request.invalid_input') return { valid: false, issues: [], unavailable: true };
    throw failure;
  }

  /**
   * Sends a code, which replaces the previous one. Also throws `rate_limited`, `channel_not_configured` with a detail, and
   * `message_not_sent`, after which Logto has the new code all the same.
   */
  async sendCode(userId: string, to: CodeRecipient): Promise<void> {
    const path = '/api/verification-codes';
    const call: Call = { operation: 'sendCode', method: 'POST', path, body: to, userId, kind: 'message' };
    await this.logto.run(call).catch((error: UpstreamError) => {
      const state = error.logtoCode && STATES_BY_LOGTO_CODE[error.logtoCode];
      throw state ? channelNotConfigured(state, 'email' in to ? 'email' : 'phone') : error;
    });
  }

  /**
   * Resolves if the code is correct, and consumes it. Throws `invalid_code` if Logto compared it and it is wrong,
   * `code_expired` if there is no code to compare with. Logto accepts a code twice if both calls arrive at the same
   * time.
   */
  async verifyCode(userId: string, sentTo: CodeRecipient, code: string): Promise<void> {
    const path = '/api/verification-codes/verify';
    const body = { ...sentTo, verificationCode: code };
    await this.logto.run({ operation: 'verifyCode', method: 'POST', path, body, userId });
  }

  /** Returns an empty list for an unknown user. */
  async listSessions(userId: string): Promise<ListedSessions> {
    const call: Call = {
      operation: 'listSessions',
      method: 'GET',
      path: pathOf`/api/users/${userId}/sessions`,
      userId,
    };
    const { body, at } = await this.logto.getTimed(call, sessionsResponse);
    const sessions = body.sessions.map(({ payload, lastSubmission, clientId }) => ({
      uid: payload.uid,
      signedInAt: payload.loginTs * 1000,
      clientId: clientId ?? null,
      ip: lastSubmission?.signInContext?.ip ?? null,
      userAgent: lastSubmission?.signInContext?.userAgent ?? null,
      authorizations: payload.authorizations ?? {},
    }));
    return { sessions, at };
  }

  /**
   * Also revokes the grants of the session: otherwise, opaque tokens and refresh tokens would stay valid. Returns when
   * it ended: seconds since the epoch, by Logto's clock. Throws `not_found` for an unknown session or one of another
   * user.
   */
  async endSession(userId: string, uid: string, guard?: SendGuard): Promise<number> {
    const path = pathOf`/api/users/${userId}/sessions/${uid}` + '?revokeGrantsTarget=all';
    return this.logto.run({ operation: 'endSession', method: 'DELETE', path, userId, guard });
  }

  /** Returns an empty list for an unknown user. `at` is in seconds since the epoch, by Logto's clock. */
  async listGrants(userId: string): Promise<{ grants: LogtoGrant[]; at: number }> {
    const call: Call = { operation: 'listGrants', method: 'GET', path: pathOf`/api/users/${userId}/grants`, userId };
    const { body, at } = await this.logto.getTimed(call, grantsResponse);
    return { grants: body.grants, at };
  }

  /**
   * Revokes the tokens of a grant. Returns when it ended: seconds since the epoch, by Logto's clock. Throws `not_found`
   * for an unknown grant or one of another user.
   */
  async endGrant(userId: string, grantId: string): Promise<number> {
    const path = pathOf`/api/users/${userId}/grants/${grantId}`;
    return this.logto.run({ operation: 'endGrant', method: 'DELETE', path, userId });
  }

  async getAllIdentities(userId: string): Promise<LogtoIdentities> {
    const path = pathOf`/api/users/${userId}/all-identities`;
    return this.logto.get({ operation: 'getAllIdentities', method: 'GET', path, userId }, identitiesResponse);
  }

  /** Removes even the last way to sign in: callers must check that another remains. Throws `not_found`. */
  async removeIdentity(userId: string, target: string, guard?: SendGuard): Promise<void> {
    const path = pathOf`/api/users/${userId}/identities/${target}`;
    await this.logto.run({ operation: 'removeIdentity', method: 'DELETE', path, userId, guard });
  }

  async listMfaFactors(userId: string): Promise<LogtoMfaFactor[]> {
    const path = pathOf`/api/users/${userId}/mfa-verifications`;
    return this.logto.get({ operation: 'listMfaFactors', method: 'GET', path, userId }, mfaFactorsResponse);
  }

  /** Throws `not_found` for an unknown factor, and also for an unknown user, since Logto's response is the same. */
  async removeMfaFactor(userId: string, factorId: string, guard?: SendGuard): Promise<void> {
    const path = pathOf`/api/users/${userId}/mfa-verifications/${factorId}`;
    await this.logto
      .run({ operation: 'removeMfaFactor', method: 'DELETE', path, userId, guard })
      .catch((error: UpstreamError) => {
        throw error.code === 'account_not_found'
          ? new UpstreamError('not_found', 'rejected', {}, error.logtoCode)
          : error;
      });
  }

  /**
   * IDs of the users with one of these emails or phones, compared as Logto does when it checks that they are unique: emails without
   * regard to letter case. For emails Logto then reads all users (see docs/security.md for the cost). Made on behalf of `userId`.
   */
  async findUserIds(userId: string, channel: Channel, addresses: readonly string[]): Promise<string[]> {
    const field = channel === 'email' ? 'primaryEmail' : 'primaryPhone';
    const query = new URLSearchParams(addresses.map((address): [string, string] => [`search.${field}`, address]));
    query.append(`mode.${field}`, 'exact');
    if (channel === 'phone') query.append('isCaseSensitive', 'true');
    const call: Call = { operation: 'findUsers', method: 'GET', path: `/api/users?${query}`, userId };
    return (await this.logto.get(call, userListResponse)).map(({ id }) => id);
  }

  /** Whether Logto can send codes. Nothing else of the connectors is kept: Logto includes the secrets of their providers. */
  async getMessageChannels(): Promise<MessageChannels> {
    const call: Call = { operation: 'listConnectors', method: 'GET', path: '/api/connectors' };
    const connectors = await this.logto.get(call, connectorsResponse);
    const stateOf = (type: string): ChannelState => {
      const connector = connectors.find((each) => each.type === type);
      if (!connector) return 'connector_missing';
      // HTTP connectors and Logto's own have no templates and need none.
      const { templates } = connector.config;
      return templates && !templates.some(({ usageType }) => usageType === 'Generic') ? 'template_missing' : 'ready';
    };
    return { email: stateOf('Email'), phone: stateOf('Sms') };
  }

  /** The rules of the tenant. `TenantRulesService` caches them. */
  async getSignInExperience(): Promise<SignInExperience> {
    const call: Call = { operation: 'getSignInExperience', method: 'GET', path: '/api/sign-in-exp' };
    return this.logto.get(call, signInExperienceResponse);
  }
}

const STATES_BY_LOGTO_CODE: Readonly<Record<string, Exclude<ChannelState, 'ready'> | undefined>> = {
  'connector.not_found': 'connector_missing',
  'connector.template_not_found': 'template_missing',
};

/** The error for a channel that the tenant cannot use. */
export const channelNotConfigured = (state: Exclude<ChannelState, 'ready'>, channel: Channel): UpstreamError =>
  new UpstreamError('channel_not_configured', 'rejected', { detail: { code: state, params: { channel } } });

/** Rejects the response for another user: a cache or proxy that mixes up responses must not show one user's data to another. */
function ownResponse(user: LogtoUser, userId: string): LogtoUser {
  if (user.id !== userId) throw new UpstreamError('upstream_failed', 'rejected');
  return user;
}
