import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SessionEndingService } from '../../domain/access/session-ending.service.js';
import { LogtoUserCache } from '../../domain/users/logto-user-cache.js';
import { ReconciliationService } from '../../domain/users/reconciliation.service.js';
import { UserRowRepository } from '../../domain/users/user-row.repository.js';
import { WebhookArrivalsService } from '../../domain/users/webhook-arrivals.service.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/config/clock.js';
import type { DetailMessage } from '../../platform/errors/messages/messages.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { isObject, type Json } from '../../platform/json/json.js';

/**
 * How far `createdAt` may be from our clock. Logto sends a webhook immediately and only once, so older ones are
 * replays.
 */
const WINDOW_MS = 5 * 60_000;

/**
 * The members of a webhook that are read. `createdAt` is in ISO 8601. `data` is the response of the API call that
 * caused the webhook, which contains no user for custom data and claims. `matchedRoute` is the route of that call, such
 * as `/users/:userId/password`. `userId` is present in events of a sign-in.
 */
type Webhook = Readonly<Partial<Record<'event' | 'createdAt' | 'params' | 'data' | 'matchedRoute' | 'userId', Json>>>;

/** Logto's ids have twelve letters and digits. Other texts are rejected before they reach the database. */
const USER_ID = /^[\w-]{1,128}$/;

const SUSPENSION = 'User.SuspensionStatus.Updated';
const PASSWORD_RESET = 'PostResetPassword';
const EVENTS = new Set(['User.Created', 'User.Data.Updated', 'User.Deleted', SUSPENSION, PASSWORD_RESET]);

/**
 * Handles Logto's webhooks. They may arrive twice and in any order: each only invalidates what is known, and the new
 * state is read from Logto.
 */
@Injectable()
export class LogtoWebhooksService {
  constructor(
    private readonly cache: LogtoUserCache,
    private readonly rows: UserRowRepository,
    private readonly reconciliation: ReconciliationService,
    private readonly sessions: SessionEndingService,
    private readonly arrivals: WebhookArrivalsService,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * Handles a webhook; ignores events that do not concern a user's account. Throws `invalid_signature` if no signing
   * key is configured, the signature does not match, or the webhook is too old, and `malformed_request` if a signed
   * body is not a webhook.
   */
  async receive(body: Buffer, signature: string | undefined): Promise<void> {
    if (!this.isSigned(body, signature)) throw invalidSignature();
    const webhook = parse(body);
    const { event, createdAt, matchedRoute = '' } = webhook;
    if (typeof event !== 'string' || typeof createdAt !== 'string' || typeof matchedRoute !== 'string') {
      throw new ProblemError('malformed_request');
    }
    const sentAt = Date.parse(createdAt);
    const age = this.clock.now() - sentAt;
    if (Number.isNaN(age)) throw new ProblemError('malformed_request');
    if (Math.abs(age) > WINDOW_MS) {
      throw invalidSignature({ code: 'webhook_outside_window' });
    }
    await this.arrivals.record();
    if (!EVENTS.has(event)) return;
    const userId = userIdOf(webhook);
    if (userId === undefined) return;
    if (typeof userId !== 'string' || !USER_ID.test(userId)) throw new ProblemError('malformed_request');
    // Logto also reports password changes by this service. A change without a route, by the Account API, may be one of the password.
    const isUnknownUpdate = event === 'User.Data.Updated' && webhook.params === undefined && matchedRoute === '';
    if (event === PASSWORD_RESET || matchedRoute.endsWith('/password') || isUnknownUpdate) {
      await this.rows.revokeAfterPasswordChange(userId, sentAt);
    }
    if (event === PASSWORD_RESET) await this.endSessions(userId, sentAt);
    if (event === SUSPENSION) {
      if (member(webhook.data, 'isSuspended') === false) await this.rows.revokeAfterSuspension(userId, sentAt);
      else await this.rows.revokeOnSuspension(userId);
    }
    if (event === 'User.Deleted') await this.reconciliation.confirmDeletion(userId);
    else await this.cache.invalidate(userId);
  }

  /** Logto ends no session when a password is reset. Tokens are revoked first, in case a session cannot be ended. */
  private async endSessions(userId: string, resetAt: number): Promise<void> {
    await this.rows.revokeTokens(userId, Math.floor(resetAt / 1000) + 1);
    await this.sessions.endAll(userId);
  }

  /** Logto's signature is the hex HMAC-SHA-256 of the raw body, with the key as text. Compared in constant time. */
  private isSigned(body: Buffer, signature: string | undefined): boolean {
    const key = this.config.webhookSigningKey;
    if (key === undefined || !/^[\da-f]{64}$/i.test(signature ?? '')) return false;
    const expected = createHmac('sha256', key).update(body).digest();
    return timingSafeEqual(expected, Buffer.from(signature!, 'hex'));
  }
}

/** A 401 must name a scheme (RFC 9110 section 15.5.2). Logto's header has none, so its name is used. */
const invalidSignature = (detail?: DetailMessage): ProblemError =>
  new ProblemError('invalid_signature', { detail, headers: { 'WWW-Authenticate': 'logto-signature-sha-256' } });

/**
 * The id of the user whom a webhook concerns; undefined if it concerns no user. A value of the wrong type is returned
 * as it is, so that the caller rejects the webhook instead of ignoring it.
 */
function userIdOf({ event, params, data, userId: signedInUserId }: Webhook): Json | undefined {
  if (event === PASSWORD_RESET) return signedInUserId;
  const userId = member(params, 'userId');
  // Webhooks of the Account API have no params. In others, `data` may be custom data with an unrelated `id`.
  const isInData = params === undefined || (userId === undefined && event === 'User.Created');
  return isInData ? member(data, 'id') : userId;
}

/** A member of an optional object; null if the value is not an object. */
function member(value: Json | undefined, name: string): Json | undefined {
  if (value === undefined) return undefined;
  return isObject(value) ? value[name] : null;
}

function parse(body: Buffer): Webhook {
  let webhook: Json = null;
  try {
    webhook = JSON.parse(body.toString('utf8')) as Json;
  } catch {
    // Rejected below; the parser's message quotes the body.
  }
  if (!isObject(webhook)) throw new ProblemError('malformed_request');
  return webhook;
}
