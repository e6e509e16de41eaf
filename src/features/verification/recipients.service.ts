import { Injectable } from '@nestjs/common';
import { LogtoUserService } from '../../domain/users/logto-user.service.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { TenantRulesService } from '../../domain/tenant-rules/tenant-rules.service.js';
import { recipientOf, type Recipient } from './recipient.js';
import type { SendCodeDto } from './verification.dto.js';

/** Whom a request's code is for. Methods throw validation_failed by pointer, and what LogtoUserService throws. */
@Injectable()
export class RecipientsService {
  constructor(
    private readonly users: LogtoUserService,
    private readonly tenantRules: TenantRulesService,
  ) {}

  async of(userId: string, body: SendCodeDto): Promise<Recipient> {
    return recipientOf(body, await this.users.readFresh(userId));
  }

  /** As `of`; an address that the tenant's email lists keep from being set gets no code either, as in Logto's Account API. */
  async permitted(userId: string, body: SendCodeDto): Promise<Recipient> {
    const recipient = await this.of(userId, body);
    if (recipient.purpose === 'address' && recipient.kind === 'email') {
      const fault = await this.tenantRules.emailFault(recipient.address, '/email');
      if (fault) throw new ProblemError('validation_failed', { errors: [fault] });
    }
    return recipient;
  }
}
