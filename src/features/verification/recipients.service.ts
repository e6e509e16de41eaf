import { Injectable } from '@nestjs/common';
import { AddressProtectionService } from '../../domain/proofs/address-protection.service.js';
import { TenantRulesService } from '../../domain/tenant-rules/tenant-rules.service.js';
import { LogtoUserService } from '../../domain/users/logto-user.service.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { toAddress, type Recipient } from './recipient.js';
import type { SendCodeDto } from './verification.dto.js';

/**
 * Determines the recipient of a code. Methods throw `validation_failed` with a pointer, and errors of LogtoUserService.
 */
@Injectable()
export class RecipientsService {
  constructor(
    private readonly users: LogtoUserService,
    private readonly tenantRules: TenantRulesService,
    private readonly addresses: AddressProtectionService,
  ) {}

  async find(userId: string, body: SendCodeDto): Promise<Recipient> {
    const recipient = toAddress(body, await this.users.readFresh(userId));
    return { ...recipient, addressHash: this.addresses.hash(recipient.kind, recipient.address) };
  }

  /** As `find`. Also rejects email addresses by the tenant's block and allow lists, as Logto's Account API does. */
  async findAllowed(userId: string, body: SendCodeDto): Promise<Recipient> {
    const recipient = await this.find(userId, body);
    if (recipient.purpose === 'address' && recipient.kind === 'email') {
      const fault = await this.tenantRules.emailFault(recipient.address, '/email');
      if (fault) throw new ProblemError('validation_failed', { errors: [fault] });
    }
    return recipient;
  }
}
