import { Global, Module } from '@nestjs/common';
import { TrafficLimit } from '../auth/traffic-limit.js';
import { CodeLimits } from './code-limits.service.js';
import { LimitStore } from './limit-store.service.js';
import { PasswordLimits } from './password-limits.service.js';
import { PasswordLock } from './password-lock.service.js';
import { TokenBucket } from './token-bucket.service.js';

@Global()
@Module({
  providers: [LimitStore, PasswordLock, PasswordLimits, CodeLimits, { provide: TrafficLimit, useClass: TokenBucket }],
  exports: [PasswordLimits, CodeLimits, TrafficLimit],
})
export class LimitsModule {}
