import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../domain/access/caller.js';
import { CodeLimitsService, isWrongCode } from '../../domain/limits/code-limits.service.js';
import { ProofService, type IssuedProof } from '../../domain/proofs/proof.service.js';
import { TenantRulesService } from '../../domain/tenant-rules/tenant-rules.service.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { ManagementApiService, type CodeRecipient } from '../../platform/management-api/management-api.service.js';
import { isKnownNotApplied } from '../../platform/errors/dependency-error.js';
import { CodeDeliveryService } from './code-delivery.service.js';
import { CodeRequestRepository, type CodePolicy, type ReservedRequest } from './code-request.repository.js';
import { MessageChannelsService } from './message-channels.service.js';
import { toCodeRecipient, type Recipient } from './recipient.js';
import { RecipientsService } from './recipients.service.js';
import type { SendCodeDto, VerifyCodeDto } from './verification.dto.js';

/** Logto's defaults (`verificationCodePolicy`). */
const DEFAULT_LIFETIME_S = 600;
const DEFAULT_MAX_ATTEMPTS = 10;
/** Logto never has a code for this address: `.invalid` has no mailboxes (RFC 6761 section 6.4). */
const WITHOUT_CODE: CodeRecipient = { email: 'without-code@logto-profile-service.invalid' };
/**
 * A wrong code for an address that may belong to another account is reported at a multiple of this time after the request arrived. That
 * hides how much longer Logto takes to compare a code than to find none, about 1 ms.
 */
const REPORT_EVERY_MS = 50;

/** Sends verification codes, and issues proofs for correct ones. */
@Injectable()
export class VerificationService {
  constructor(
    private readonly recipients: RecipientsService,
    private readonly limits: CodeLimitsService,
    private readonly requests: CodeRequestRepository,
    private readonly channels: MessageChannelsService,
    private readonly delivery: CodeDeliveryService,
    private readonly tenantRules: TenantRulesService,
    private readonly logto: ManagementApiService,
    private readonly proofs: ProofService,
  ) {}

  /**
   * Sends a code to an address of the account. To any other address, only accepts the request: the code is sent in the background, and
   * not at all if another account has the address. Throws `rate_limited`, `channel_not_configured`, `upstream_unavailable`, and for an
   * address of the account `message_not_sent`.
   */
  async send(caller: Caller, body: SendCodeDto): Promise<void> {
    const recipient = await this.recipients.findAllowed(caller.userId, body);
    if (recipient.purpose !== 'address') {
      return this.limits.sendToOwn(caller.userId, async () =>
        this.delivery.send(caller.userId, await this.requests.create(caller, recipient), recipient),
      );
    }
    // Both are causes of the whole tenant: a failure that depended on the address would reveal whether an account has it.
    this.logto.requireMessaging();
    await this.channels.requireConfigured(recipient.kind);
    await this.limits.countSend(caller.userId, recipient.addressHash);
    const request = await this.requests.create(caller, recipient);
    if (!this.delivery.sendInBackground(caller.userId, request, recipient)) {
      throw new ProblemError('overloaded', { headers: { 'Retry-After': '5' } });
    }
  }

  /**
   * Issues one proof per code, for the user, client and purpose of its request only. Throws `invalid_code` if the code is wrong, or if
   * Logto has no code of this request, `code_expired` if it is consumed or too old, and `too_many_attempts`.
   */
  async verify(caller: Caller, body: VerifyCodeDto): Promise<IssuedProof> {
    const arrivedAt = performance.now();
    this.proofs.rejectImpersonation(caller);
    const recipient = await this.recipients.find(caller.userId, body);
    const { securityEpoch } = await this.check(caller, recipient, toCode(body.code)).catch(async (error: unknown) => {
      if (recipient.purpose === 'address' && isWrongCode(error)) await untilReport(arrivedAt);
      throw error;
    });
    const proof = await this.proofs.issue(caller, recipient.kind, {
      address: recipient.address,
      provesIdentity: recipient.purpose !== 'address',
      securityEpoch,
    });
    if (!proof) throw new ProblemError('code_expired');
    return proof;
  }

  private async check(caller: Caller, recipient: Recipient, code: string): Promise<ReservedRequest> {
    // Reserved before it is counted: of many concurrent checks only one compares the code, and only that one counts.
    const request = await this.requests.reserve(caller, recipient, await this.policy());
    if (!request && (await this.requests.exists(caller, recipient))) throw new ProblemError('code_expired');
    const limited = recipient.purpose === 'address' ? recipient.addressHash : undefined;
    try {
      await this.limits.attempt(caller.userId, limited, () =>
        this.compare(caller, recipient, request?.codeSentTo, code),
      );
    } catch (error) {
      // After an unknown outcome, Logto may have consumed the code: it stays reserved, as after success.
      if (request && isKnownNotApplied(error)) await this.requests.release(request, { compared: isWrongCode(error) });
      throw error;
    }
    return request!;
  }

  /**
   * Throws `invalid_code`, unless it is the code that Logto sent. Without a code to compare with, also calls Logto, in the same way but
   * for an address without a code, so that the response, its time and its failures are the same as for a wrong code.
   */
  private async compare(
    { userId }: Caller,
    recipient: Recipient,
    sentTo: string | undefined,
    code: string,
  ): Promise<void> {
    const to = sentTo === undefined ? WITHOUT_CODE : toCodeRecipient({ kind: recipient.kind, address: sentTo });
    try {
      await this.logto.verifyCode(userId, to, code);
    } catch (error) {
      const isOwnCode = sentTo !== undefined && recipient.purpose !== 'address';
      if (error instanceof ProblemError && error.code === 'code_expired' && !isOwnCode)
        throw new ProblemError('invalid_code');
      throw error;
    }
    if (sentTo === undefined) throw new ProblemError('invalid_code');
  }

  private async policy(): Promise<CodePolicy> {
    const { expirationDuration, maxRetryAttempts } = (await this.tenantRules.current()).verificationCodePolicy ?? {};
    return {
      lifetimeMs: (expirationDuration ?? DEFAULT_LIFETIME_S) * 1000,
      maxAttempts: maxRetryAttempts ?? DEFAULT_MAX_ATTEMPTS,
    };
  }
}

/** People paste codes with the spaces that the message shows. */
const toCode = (text: string): string => text.replace(/\s/g, '');

const untilReport = (arrivedAt: number): Promise<void> =>
  delay(REPORT_EVERY_MS - ((performance.now() - arrivedAt) % REPORT_EVERY_MS));
