import { Injectable } from '@nestjs/common';
import { AccountReader } from '../account/account-reader.service.js';
import type { Caller } from '../auth/caller.js';
import { ProblemError } from '../errors/problem-error.js';
import { CodeLimits } from '../limits/code-limits.service.js';
import { ManagementApiService } from '../management-api/management-api.service.js';
import type { CodeRecipient } from '../management-api/management-api.types.js';
import { isDefiniteRefusal, ProofService, type IssuedProof } from '../proofs/proof.service.js';
import type { AddressKind } from '../proofs/address.js';
import { CodeSends } from './code-sends.js';
import { recipientOf, type Recipient } from './recipient.js';
import type { SendCodeDto, VerifyCodeDto } from './verification.dto.js';

/** Sends codes, and turns right ones into proofs. */
@Injectable()
export class VerificationService {
  constructor(
    private readonly accounts: AccountReader,
    private readonly limits: CodeLimits,
    private readonly sends: CodeSends,
    private readonly logto: ManagementApiService,
    private readonly proofs: ProofService,
  ) {}

  /** Never looks whether another account has the address: free and taken ones look the same. */
  async send(caller: Caller, body: SendCodeDto): Promise<void> {
    const recipient = recipientOf(body, await this.accounts.fresh(caller.userId));
    await this.limits.send(caller.userId, recipient.key, () => this.sendTo(caller, recipient));
  }

  /**
   * One code makes one proof, for its last sender alone. Throws invalid_code when Logto compared it and it was wrong,
   * code_expired when there was nothing to compare, too_many_attempts.
   */
  async verify(caller: Caller, body: VerifyCodeDto): Promise<IssuedProof> {
    const recipient = recipientOf(body, await this.accounts.fresh(caller.userId));
    if (recipient.purpose !== 'address') this.proofs.refuseImpersonation(caller);
    await this.limits.attempt(caller.userId, () => this.compare(caller, recipient, body.code.trim()));
    return this.proofs.issue(caller, recipient.kind, {
      address: recipient.address,
      provesIdentity: recipient.purpose !== 'address',
    });
  }

  private async sendTo(caller: Caller, recipient: Recipient): Promise<void> {
    const send = await this.sends.begin(caller, recipient);
    try {
      await this.logto.sendCode(at(recipient.kind, recipient.address));
    } catch (error) {
      if (isDefiniteRefusal(error)) await this.sends.end(send);
      throw error;
    }
  }

  private async compare(caller: Caller, recipient: Recipient, code: string): Promise<void> {
    const send = await this.sends.take(caller, recipient);
    if (!send) throw new ProblemError('code_expired');
    try {
      await this.logto.verifyCode(at(recipient.kind, send.sentTo), code);
    } catch (error) {
      // After an unknown outcome the code may be used up at Logto: it stays taken.
      if (isDefiniteRefusal(error)) await this.sends.giveBack(send);
      throw error;
    }
    await this.sends.end(send);
  }
}

const at = (kind: AddressKind, address: string): CodeRecipient =>
  kind === 'email' ? { email: address } : { phone: address };
