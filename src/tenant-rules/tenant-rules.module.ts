import { Global, Module } from '@nestjs/common';
import { TenantRules } from './tenant-rules.service.js';

@Global()
@Module({ providers: [TenantRules], exports: [TenantRules] })
export class TenantRulesModule {}
