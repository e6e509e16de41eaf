import { Injectable } from '@nestjs/common';
import * as shape from './answer-shapes.js';
import { LogtoClient, pathOf, type Call } from './logto-client.js';
import type { JsonObject } from '../json/json.js';
import type { LogtoUser, LogtoUserPatch, LogtoUserProfile } from './logto-user.js';
import type {
  CodeRecipient,
  ListedSessions,
  LogtoGrant,
  LogtoIdentities,
  LogtoMfaFactor,
  PasswordCheck,
  SignInExperience,
} from './management-api.types.js';
import { PasswordQueue } from './password-queue.js';
import { UpstreamError } from './upstream-error.js';

/**
 * Logto's Management API, one method for each operation used; the only code that calls it.
 *
 * Every method throws UpstreamError, whose `outcome` says what became of the call: `account_not_found`,
 * `not_found`, `identifier_taken`, `validation_failed`, `payload_too_large`, `rate_limited`, `channel_not_configured`,
 * `overloaded`, or `upstream_failed`, `upstream_unavailable`, `upstream_timeout`. Nothing of Logto's words is passed on.
 */
@Injectable()
export class ManagementApiService {
  constructor(
    private readonly logto: LogtoClient,
    private readonly passwordQueue: PasswordQueue,
  ) {}

  /** `ssoIdentities` is absent unless asked for: it costs Logto one query more. */
  async getUser(userId: string, options: { ssoIdentities?: boolean } = {}): Promise<LogtoUser> {
    const path = pathOf`/api/users/${userId}` + (options.ssoIdentities ? '?includeSsoIdentities=true' : '');
    const call: Call = { operation: 'getUser', method: 'GET', path };
    const user = await this.logto.get(call, shape.isUser);
    // A cache or proxy that mixes up responses must not show one user's data to another.
    if (user.id !== userId) throw new UpstreamError('upstream_failed', 'refused');
    return user;
  }

  /** `page` counts from 1. `total` counts all users of the tenant. */
  async listUsers(options: { page: number; pageSize: number }): Promise<{ users: LogtoUser[]; total: number }> {
    const call: Call = {
      operation: 'listUsers',
      method: 'GET',
      path: `/api/users?page=${options.page}&page_size=${options.pageSize}`,
    };
    const answer = await this.logto.call(call);
    if (answer.status !== 200 || !shape.isUserList(answer.body)) throw this.logto.failure(call, answer);
    return { users: answer.body, total: Number(answer.headers['total-number'] ?? answer.body.length) };
  }

  /**
   * All or nothing. `profile`, when given, replaces what was stored: the way to remove a claim, which loses what another
   * writer changed since it was read.
   */
  async updateUser(userId: string, patch: LogtoUserPatch): Promise<LogtoUser> {
    const path = pathOf`/api/users/${userId}`;
    return this.logto.get({ operation: 'updateUser', method: 'PATCH', path, body: patch }, shape.isUser);
  }

  /** Merges one level (`address` is replaced whole); cannot remove a claim. Gives the profile as it is then. */
  async mergeProfile(userId: string, profile: LogtoUserProfile): Promise<LogtoUserProfile> {
    const path = pathOf`/api/users/${userId}/profile`;
    return this.logto.get({ operation: 'mergeProfile', method: 'PATCH', path, body: { profile } }, shape.isProfile);
  }

  /** Merges the top level only and stores null as null; other keys stay. Gives all custom data as it is then. */
  async mergeCustomData(userId: string, topLevelKeys: JsonObject): Promise<JsonObject> {
    const path = pathOf`/api/users/${userId}/custom-data`;
    const body = { customData: topLevelKeys };
    return this.logto.get({ operation: 'mergeCustomData', method: 'PATCH', path, body }, shape.isCustomData);
  }

  async hasPassword(userId: string): Promise<boolean> {
    const path = pathOf`/api/users/${userId}/has-password`;
    return (await this.logto.get({ operation: 'hasPassword', method: 'GET', path }, shape.isHasPassword)).hasPassword;
  }

  /**
   * False for a wrong password and for a user who has none; Logto neither locks out nor counts. Waits its turn in
   * the password queue (`overloaded` when that is full).
   */
  async verifyPassword(userId: string, password: string): Promise<boolean> {
    const path = pathOf`/api/users/${userId}/password/verify`;
    const call: Call = { operation: 'verifyPassword', method: 'POST', path, body: { password }, readOnly: true };
    const answer = await this.passwordQueue.run(userId, () => this.logto.call(call));
    if (answer.status < 300) return true;
    const failure = this.logto.failure(call, answer);
    if (failure.code === 'invalid_credentials') return false;
    throw failure;
  }

  /**
   * Applies no policy and ends no session. Waits its turn in the password queue, since it hashes as well. Returns the second of
   * Logto's clock in which it was done.
   */
  async updatePassword(userId: string, password: string): Promise<number> {
    const path = pathOf`/api/users/${userId}/password`;
    const call: Call = { operation: 'updatePassword', method: 'PATCH', path, body: { password } };
    return this.passwordQueue.run(userId, () => this.logto.run(call));
  }

  /** By the tenant's policy and the user's own data. It does not notice the present password. */
  async checkPassword(userId: string, password: string): Promise<PasswordCheck> {
    const call: Call = {
      operation: 'checkPassword',
      method: 'POST',
      path: '/api/sign-in-exp/default/check-password',
      body: { password, userId },
      readOnly: true,
    };
    const answer = await this.logto.call(call);
    if ((answer.status === 200 || answer.status === 400) && shape.isPasswordCheck(answer.body)) {
      return { valid: answer.body.result, issues: answer.body.issues ?? [] };
    }
    const failure = this.logto.failure(call, answer);
    // If its breached-password service cannot be reached, Logto responds 400 with a message and no issues.
    if (failure.logtoCode === 'request.invalid_input') return { valid: false, issues: [], unavailable: true };
    throw failure;
  }

  /** A new code kills the one before. Throws `rate_limited` and `channel_not_configured` as well. */
  async sendCode(to: CodeRecipient): Promise<void> {
    await this.logto.run({ operation: 'sendCode', method: 'POST', path: '/api/verification-codes', body: to });
  }

  /**
   * Returns when the code is right, which uses it up. Throws `invalid_code` when Logto compared it and found it
   * wrong, `code_expired` when there was none to compare with. Logto accepts one code twice at the same moment.
   */
  async verifyCode(sentTo: CodeRecipient, code: string): Promise<void> {
    const body = { ...sentTo, verificationCode: code };
    await this.logto.run({ operation: 'verifyCode', method: 'POST', path: '/api/verification-codes/verify', body });
  }

  /** Empty for an unknown user, too. */
  async listSessions(userId: string): Promise<ListedSessions> {
    const call: Call = { operation: 'listSessions', method: 'GET', path: pathOf`/api/users/${userId}/sessions` };
    const { body, at } = await this.logto.getTimed(call, shape.isSessions);
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
   * With its grants: else only the browser were signed out, and opaque and refresh tokens lived on.
   * Returns the second of Logto's clock in which it ended. Throws `not_found` for an unknown session and for another user's.
   */
  async endSession(userId: string, uid: string): Promise<number> {
    const path = pathOf`/api/users/${userId}/sessions/${uid}` + '?revokeGrantsTarget=all';
    return this.logto.run({ operation: 'endSession', method: 'DELETE', path });
  }

  /** Empty for an unknown user, too. `at` is the second of Logto's clock. */
  async listGrants(userId: string): Promise<{ grants: LogtoGrant[]; at: number }> {
    const call: Call = { operation: 'listGrants', method: 'GET', path: pathOf`/api/users/${userId}/grants` };
    const { body, at } = await this.logto.getTimed(call, shape.isGrants);
    return { grants: body.grants, at };
  }

  /**
   * Kills the grant's tokens. Returns the second of Logto's clock in which it ended. Throws `not_found` for an unknown grant and
   * for another user's.
   */
  async endGrant(userId: string, grantId: string): Promise<number> {
    const path = pathOf`/api/users/${userId}/grants/${grantId}`;
    return this.logto.run({ operation: 'endGrant', method: 'DELETE', path });
  }

  async getAllIdentities(userId: string): Promise<LogtoIdentities> {
    const path = pathOf`/api/users/${userId}/all-identities`;
    return this.logto.get({ operation: 'getAllIdentities', method: 'GET', path }, shape.isIdentities);
  }

  /** Removes the last one, too: the caller makes sure that a way to sign in remains. Throws `not_found`. */
  async removeIdentity(userId: string, target: string): Promise<void> {
    const path = pathOf`/api/users/${userId}/identities/${target}`;
    await this.logto.run({ operation: 'removeIdentity', method: 'DELETE', path });
  }

  async listMfaFactors(userId: string): Promise<LogtoMfaFactor[]> {
    const path = pathOf`/api/users/${userId}/mfa-verifications`;
    return this.logto.get({ operation: 'listMfaFactors', method: 'GET', path }, shape.isMfaFactors);
  }

  /** Throws `not_found` for an unknown factor, and, as Logto's response is the same, for an unknown user. */
  async removeMfaFactor(userId: string, factorId: string): Promise<void> {
    const path = pathOf`/api/users/${userId}/mfa-verifications/${factorId}`;
    await this.logto.run({ operation: 'removeMfaFactor', method: 'DELETE', path }).catch((error: UpstreamError) => {
      throw error.code === 'account_not_found' ? new UpstreamError('not_found', 'refused', {}, error.logtoCode) : error;
    });
  }

  /** The tenant's rules. `TenantRulesService` keeps a copy. */
  async getSignInExperience(): Promise<SignInExperience> {
    const call: Call = { operation: 'getSignInExperience', method: 'GET', path: '/api/sign-in-exp' };
    return this.logto.get(call, shape.isSignInExperience);
  }
}
