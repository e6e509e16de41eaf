import { Global, Module } from '@nestjs/common';
import { CodeLimitsService } from './code-limits.service.js';
import { LimitStoreService } from './limit-store.service.js';
import { PasswordLimitsService } from './password-limits.service.js';
import { PasswordLockService } from './password-lock.service.js';

@Global()
@Module({
  providers: [LimitStoreService, PasswordLockService, PasswordLimitsService, CodeLimitsService],
  exports: [PasswordLimitsService, CodeLimitsService],
})
export class LimitsModule {}
