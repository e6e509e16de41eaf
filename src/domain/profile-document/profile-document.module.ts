import { Global, Module } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { TenantRulesModule } from '../tenant-rules/tenant-rules.module.js';
import { RecoveryService } from '../changes/recovery.service.js';
import { ChangeWriter } from '../changes/change-writer.js';
import { CrashPoints } from '../changes/crash-points.js';
import { LeaseTiming, leaseTimingOf } from '../changes/lease-timing.js';
import { UserLeaseRepository } from '../changes/user-lease.repository.js';
import { UserLeaseService } from '../changes/user-lease.service.js';
import { IdempotencyKeyService } from './idempotency-key.service.js';
import { IdentifierRulesService } from './identifier-rules.service.js';
import { ProfileDocumentService } from './profile-document.service.js';
import { SensitiveChangesService } from './sensitive-changes.service.js';
import { UserStateReaderService } from '../changes/user-state-reader.service.js';

/** Reading and changing the fields of a user, whatever stores they are in. */
@Global()
@Module({
  imports: [TenantRulesModule],
  providers: [
    CrashPoints,
    { provide: LeaseTiming, useFactory: leaseTimingOf, inject: [AppConfig] },
    ChangeWriter,
    UserLeaseRepository,
    UserLeaseService,
    RecoveryService,
    UserStateReaderService,
    IdentifierRulesService,
    IdempotencyKeyService,
    SensitiveChangesService,
    ProfileDocumentService,
  ],
  exports: [ChangeWriter, ProfileDocumentService, UserLeaseService, UserStateReaderService],
})
export class ProfileDocumentModule {}
