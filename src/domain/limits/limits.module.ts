import { Global, Module } from '@nestjs/common';
import { CodeLimitsService } from './code-limits.service.js';
import { IdentifierLimitsService } from './identifier-limits.service.js';
import { LimitStoreService } from './limit-store.service.js';
import { PasswordLimitsService } from './password-limits.service.js';
import { PasswordLockService } from './password-lock.service.js';

@Global()
@Module({
  providers: [
    LimitStoreService,
    PasswordLockService,
    PasswordLimitsService,
    CodeLimitsService,
    IdentifierLimitsService,
  ],
  exports: [PasswordLimitsService, CodeLimitsService, IdentifierLimitsService],
})
export class LimitsModule {}
