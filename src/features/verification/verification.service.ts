import { Injectable } from '@nestjs/common';
import type { Caller } from '../../domain/access/caller.js';
import { CodeLimitsService } from '../../domain/limits/code-limits.service.js';
import type { AddressKind } from '../../domain/proofs/address.js';
import { ProofService, type IssuedProof } from '../../domain/proofs/proof.service.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { ManagementApiService, type CodeRecipient } from '../../platform/management-api/management-api.service.js';
import { isKnownNotApplied } from '../../platform/management-api/upstream-error.js';
import { CodeSendRepository, type CodeSend } from './code-send.repository.js';
import type { Recipient } from './recipient.js';
import { RecipientsService } from './recipients.service.js';
import type { SendCodeDto, VerifyCodeDto } from './verification.dto.js';

/** Sends verification codes, and issues proofs for correct ones. */
@Injectable()
export class VerificationService {
  constructor(
    private readonly recipients: RecipientsService,
    private readonly limits: CodeLimitsService,
    private readonly sends: CodeSendRepository,
    private readonly logto: ManagementApiService,
    private readonly proofs: ProofService,
  ) {}

  /** Sends a code. Does not check whether another account uses the address, so that the response does not reveal it. */
  async send(caller: Caller, body: SendCodeDto): Promise<void> {
    const recipient = await this.recipients.findAllowed(caller.userId, body);
    await this.limits.send(caller.userId, recipient.key, () => this.sendTo(caller, recipient));
  }

  /**
   * Issues one proof per code, for its last sender only. Throws `invalid_code` if the code is wrong or was last
   * requested by another user or for another purpose, `code_expired` if it is consumed or too old, and
   * `too_many_attempts`.
   */
  async verify(caller: Caller, body: VerifyCodeDto): Promise<IssuedProof> {
    this.proofs.rejectImpersonation(caller);
    const recipient = await this.recipients.find(caller.userId, body);
    const { securityEpoch } = await this.compare(caller, recipient, body.code.trim());
    const proof = await this.proofs.issue(caller, recipient.kind, {
      address: recipient.address,
      provesIdentity: recipient.purpose !== 'address',
      securityEpoch,
    });
    if (!proof) throw new ProblemError('code_expired');
    return proof;
  }

  private async sendTo(caller: Caller, recipient: Recipient): Promise<void> {
    const send = await this.sends.begin(caller, recipient);
    try {
      await this.logto.sendCode(toCodeRecipient(recipient.kind, recipient.address));
    } catch (error) {
      if (isKnownNotApplied(error)) await this.sends.remove(send);
      throw error;
    }
  }

  private async compare(caller: Caller, recipient: Recipient, code: string): Promise<CodeSend> {
    // Reserved before it is counted: of many concurrent checks only one compares the code, and only that one counts.
    const send = await this.sends.take(caller, recipient);
    if (!send) return this.rejectWithoutCode(caller, recipient);
    try {
      await this.limits.attempt(caller.userId, limitedKey(recipient), () =>
        this.logto.verifyCode(toCodeRecipient(recipient.kind, send.sentTo), code),
      );
      return send;
    } catch (error) {
      // After an unknown outcome, Logto may have consumed the code: it stays reserved, as after success.
      if (isKnownNotApplied(error)) await this.sends.release(send);
      throw error;
    }
  }

  /** Counts like a wrong code unless the caller requested the last code: the response must not reveal who did. */
  private async rejectWithoutCode(caller: Caller, recipient: Recipient): Promise<never> {
    if (await this.sends.isOwn(caller, recipient)) throw new ProblemError('code_expired');
    return this.limits.attempt(caller.userId, limitedKey(recipient), () =>
      Promise.reject(new ProblemError('invalid_code')),
    );
  }
}

const limitedKey = ({ purpose, key }: Recipient): string | undefined => (purpose === 'address' ? key : undefined);

const toCodeRecipient = (kind: AddressKind, address: string): CodeRecipient =>
  kind === 'email' ? { email: address } : { phone: address };
