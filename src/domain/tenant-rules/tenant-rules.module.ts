import { Global, Module } from '@nestjs/common';
import { TenantRulesService } from './tenant-rules.service.js';

@Global()
@Module({ providers: [TenantRulesService], exports: [TenantRulesService] })
export class TenantRulesModule {}
