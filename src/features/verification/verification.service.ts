import { Injectable } from '@nestjs/common';
import type { Caller } from '../../domain/access/caller.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { CodeLimitsService } from '../../domain/limits/code-limits.service.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { isKnownNotApplied } from '../../platform/management-api/upstream-error.js';
import type { CodeRecipient } from '../../platform/management-api/management-api.types.js';
import { ProofService, type IssuedProof } from '../../domain/proofs/proof.service.js';
import type { AddressKind } from '../../domain/proofs/address.js';
import { CodeSendRepository, type CodeSend } from './code-send.repository.js';
import type { Recipient } from './recipient.js';
import { RecipientsService } from './recipients.service.js';
import type { SendCodeDto, VerifyCodeDto } from './verification.dto.js';

/** Sends codes, and turns right ones into proofs. */
@Injectable()
export class VerificationService {
  constructor(
    private readonly recipients: RecipientsService,
    private readonly limits: CodeLimitsService,
    private readonly sends: CodeSendRepository,
    private readonly logto: ManagementApiService,
    private readonly proofs: ProofService,
  ) {}

  /** Never looks whether another account has the address: free and taken ones look the same. */
  async send(caller: Caller, body: SendCodeDto): Promise<void> {
    const recipient = await this.recipients.permitted(caller.userId, body);
    await this.limits.send(caller.userId, recipient.key, () => this.sendTo(caller, recipient));
  }

  /**
   * One code makes one proof, for its last sender alone. Throws invalid_code when it was wrong, or sent last by someone else
   * or for something else, code_expired when it is consumed or too old, too_many_attempts.
   */
  async verify(caller: Caller, body: VerifyCodeDto): Promise<IssuedProof> {
    const recipient = await this.recipients.of(caller.userId, body);
    if (recipient.purpose !== 'address') this.proofs.refuseImpersonation(caller);
    const { securityEpoch } = await this.limits.attempt(caller.userId, () =>
      this.compare(caller, recipient, body.code.trim()),
    );
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
      await this.logto.sendCode(at(recipient.kind, recipient.address));
    } catch (error) {
      if (isKnownNotApplied(error)) await this.sends.end(send);
      throw error;
    }
  }

  private async compare(caller: Caller, recipient: Recipient, code: string): Promise<CodeSend> {
    const send = await this.sends.take(caller, recipient);
    // Whether somebody else, or nobody, sent to this address looks the same.
    if (!send) throw new ProblemError((await this.sends.isOwn(caller, recipient)) ? 'code_expired' : 'invalid_code');
    try {
      await this.logto.verifyCode(at(recipient.kind, send.sentTo), code);
      return send;
    } catch (error) {
      // After an unknown outcome Logto may have consumed the code: it stays taken, as after success.
      if (isKnownNotApplied(error)) await this.sends.giveBack(send);
      throw error;
    }
  }
}

const at = (kind: AddressKind, address: string): CodeRecipient =>
  kind === 'email' ? { email: address } : { phone: address };
