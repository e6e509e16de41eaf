import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LogtoUserCache } from '../../domain/users/logto-user-cache.js';
import { UserRowRepository } from '../../domain/users/user-row.repository.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/config/clock.js';
import type { DetailMessage } from '../../platform/errors/messages/messages.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { isObject, type Json } from '../../platform/json/json.js';

/** How far `createdAt` may be from our clock: Logto sends at once and never again, so what is older is a replay. */
const WINDOW_MS = 5 * 60_000;

/**
 * What is read of a webhook. `createdAt` is in ISO 8601; `data` is the response to the call behind it, which for custom data
 * or claims is only those; `matchedRoute` is that call's, such as `/users/:userId/password`; `userId` is of the events of a sign-in.
 */
type Webhook = Readonly<Partial<Record<'event' | 'createdAt' | 'params' | 'data' | 'matchedRoute' | 'userId', Json>>>;

/** Logto's ids are of twelve letters and digits; what no id can look like is not asked for in the database. */
const USER_ID = /^[\w-]{1,128}$/;

const SUSPENSION = 'User.SuspensionStatus.Updated';
const PASSWORD_RESET = 'PostResetPassword';
const EVENTS = new Set(['User.Created', 'User.Data.Updated', 'User.Deleted', SUSPENSION, PASSWORD_RESET]);

/**
 * Logto's webhooks. Each only says that something is out of date, so they may come twice and in any order:
 * the state itself is always read from Logto.
 */
@Injectable()
export class LogtoWebhooksService {
  constructor(
    private readonly cache: LogtoUserCache,
    private readonly rows: UserRowRepository,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * Acts on a webhook; events that do not concern a user's account are let pass. Throws `invalid_signature` when no
   * key is configured, the signature is not that of these bytes, or they are too old; `malformed_request` when signed
   * bytes are no webhook.
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
    if (!EVENTS.has(event)) return;
    const userId = userIdOf(webhook);
    if (userId === undefined) return;
    if (typeof userId !== 'string' || !USER_ID.test(userId)) throw new ProblemError('malformed_request');
    // Logto reports this service's own changes of a password, too.
    if (event === PASSWORD_RESET || matchedRoute.endsWith('/password')) {
      await this.rows.revokeAfterPasswordChange(userId, sentAt);
    }
    if (event === SUSPENSION) {
      if (member(webhook.data, 'isSuspended') === false) await this.rows.revokeAfterSuspension(userId, sentAt);
      else await this.rows.revokeOnSuspension(userId);
    }
    if (event === 'User.Deleted') await this.cache.erase(userId);
    else await this.cache.invalidate(userId);
  }

  /** Logto signs with the key as text: hex HMAC-SHA-256 of the raw body. Compared in constant time. */
  private isSigned(body: Buffer, signature: string | undefined): boolean {
    const key = this.config.webhookSigningKey;
    if (key === undefined || !/^[\da-f]{64}$/i.test(signature ?? '')) return false;
    const expected = createHmac('sha256', key).update(body).digest();
    return timingSafeEqual(expected, Buffer.from(signature!, 'hex'));
  }
}

/** A 401 names what it takes (RFC 9110 section 15.5.2); there is no scheme for Logto's header but its own name. */
const invalidSignature = (detail?: DetailMessage): ProblemError =>
  new ProblemError('invalid_signature', { detail, headers: { 'WWW-Authenticate': 'logto-signature-sha-256' } });

/**
 * The id of the user whom a webhook is about; undefined when it names none. What has the wrong type is returned, for the
 * caller to reject: it must not pass for a webhook about nobody.
 */
function userIdOf({ event, params, data, userId: signedIn }: Webhook): Json | undefined {
  if (event === PASSWORD_RESET) return signedIn;
  const userId = member(params, 'userId');
  // The Account API sends no params; elsewhere `data` may be custom data with an `id` of its own.
  const isInData = params === undefined || (userId === undefined && event === 'User.Created');
  return isInData ? member(data, 'id') : userId;
}

/** A member of an object that may be absent; null when there is something else in its place. */
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
