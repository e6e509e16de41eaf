import { Global, Module } from '@nestjs/common';
import { CodeLimits } from './code-limits.service.js';
import { LimitStore } from './limit-store.js';
import { PasswordLimits } from './password-limits.service.js';
import { PasswordLock } from './password-lock.js';
import { TrafficLimit } from './traffic-limit.js';

@Global()
@Module({
  providers: [LimitStore, PasswordLock, PasswordLimits, CodeLimits, TrafficLimit],
  exports: [PasswordLimits, CodeLimits, TrafficLimit],
})
export class LimitsModule {}
