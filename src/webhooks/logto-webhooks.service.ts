import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AccountCopies } from '../account/account-copies.service.js';
import { UserRows } from '../account/user-rows.service.js';
import { AppConfig } from '../config/app-config.js';
import { Clock } from '../config/clock.js';
import { ProblemError } from '../errors/problem-error.js';

/** How far `createdAt` may be from our clock: Logto sends at once and never again, so what is older is a replay. */
const WINDOW_MS = 5 * 60_000;

/**
 * What is read of a webhook. `data` is the answer of the call behind it, which for custom data or claims is only those;
 * `matchedRoute` is that call's, such as `/users/:userId/password`.
 */
interface Webhook {
  readonly event?: unknown;
  /** ISO 8601 */
  readonly createdAt?: unknown;
  readonly params?: { readonly userId?: unknown };
  readonly data?: { readonly id?: unknown; readonly isSuspended?: unknown };
  readonly matchedRoute?: unknown;
  /** Of events of a sign-in, such as `PostResetPassword`. */
  readonly userId?: unknown;
}

/** Logto's ids are of twelve letters and digits; what no id can look like is not asked for in the database. */
const USER_ID = /^[\w-]{1,128}$/;

const PASSWORD_RESET = 'PostResetPassword';
const CHANGES = new Set<unknown>(['User.Created', 'User.Data.Updated', 'User.SuspensionStatus.Updated']);

/**
 * What Logto's webhooks tell. Each only says that something is out of date, so they may come twice and in any order:
 * the state itself is always read from Logto.
 */
@Injectable()
export class LogtoWebhooks {
  constructor(
    private readonly copies: AccountCopies,
    private readonly rows: UserRows,
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
    const { event, createdAt, data } = webhook;
    const sentAt = Date.parse(String(createdAt));
    const age = this.clock.now() - sentAt;
    if (Number.isNaN(age)) throw new ProblemError('malformed_request');
    if (Math.abs(age) > WINDOW_MS) {
      throw invalidSignature('The webhook is too old, or the clocks differ.');
    }
    const userId = userIdOf(webhook);
    if (typeof userId !== 'string') return;
    if (!USER_ID.test(userId)) throw new ProblemError('malformed_request');
    if (changesPassword(webhook)) await this.rows.revokeAfterPasswordChange(userId, sentAt);
    if (event === 'User.SuspensionStatus.Updated') {
      if (data?.isSuspended === false) await this.rows.revokeAfterSuspension(userId, sentAt);
      else await this.rows.revokeOnSuspension(userId);
    }
    if (event === 'User.Deleted') await this.copies.erase(userId);
    else if (CHANGES.has(event)) await this.copies.invalidate(userId);
  }

  /** Logto signs with the key as text: hex HMAC-SHA-256 of the raw body. Compared in constant time. */
  private isSigned(body: Buffer, signature: string | undefined): boolean {
    const key = this.config.webhookSigningKey;
    if (key === undefined || !/^[\da-f]{64}$/i.test(signature ?? '')) return false;
    const expected = createHmac('sha256', key).update(body).digest();
    return timingSafeEqual(expected, Buffer.from(signature!, 'hex'));
  }
}

/** The Account API sends no params; elsewhere `data` may be custom data with an `id` of its own. */
function userIdOf({ event, params, data, userId }: Webhook): unknown {
  if (event === PASSWORD_RESET) return userId;
  return params ? (params.userId ?? (event === 'User.Created' ? data?.id : undefined)) : data?.id;
}

/** A forgotten password was reset, or the Management API was called for a new one: by this service, too. */
const changesPassword = ({ event, matchedRoute }: Webhook): boolean =>
  event === PASSWORD_RESET || String(matchedRoute).endsWith('/password');

/** A 401 names what it takes (RFC 9110 section 15.5.2); there is no scheme for Logto's header but its own name. */
const invalidSignature = (detail?: string): ProblemError =>
  new ProblemError('invalid_signature', { detail, headers: { 'WWW-Authenticate': 'logto-signature-sha-256' } });

function parse(body: Buffer): Webhook {
  let webhook: unknown;
  try {
    webhook = JSON.parse(body.toString('utf8'));
  } catch {
    // Answered below; the parser's words quote the body.
  }
  if (typeof webhook !== 'object' || webhook === null) throw new ProblemError('malformed_request');
  return webhook;
}
