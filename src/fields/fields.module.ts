import { Global, Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { TenantRulesModule } from '../tenant-rules/tenant-rules.module.js';
import { ChangeChecks } from './change-checks.service.js';
import { ChangePlanner } from './change-planner.service.js';
import { AbandonedChanges } from './changes/abandoned-changes.service.js';
import { ChangeCommit } from './changes/change-commit.service.js';
import { ChangeSteps } from './changes/change-steps.js';
import { ChangeTiming, changeTimingOf } from './changes/change-timing.js';
import { UserChanges } from './changes/user-changes.service.js';
import { IdempotencyKeys } from './idempotency-keys.service.js';
import { IdentifierRules } from './identifier-rules.service.js';
import { ProfileReader } from './profile-reader.service.js';
import { ProfileWriter } from './profile-writer.service.js';
import { UserStateReader } from './user-state-reader.service.js';

/** Reading and changing the fields of a user, whatever stores they are in. */
@Global()
@Module({
  imports: [TenantRulesModule],
  providers: [
    ChangeSteps,
    { provide: ChangeTiming, useFactory: changeTimingOf, inject: [AppConfig] },
    ChangeCommit,
    UserChanges,
    AbandonedChanges,
    UserStateReader,
    IdentifierRules,
    ChangePlanner,
    IdempotencyKeys,
    ChangeChecks,
    ProfileReader,
    ProfileWriter,
  ],
  exports: [ChangeCommit, UserChanges, UserStateReader, ProfileReader, ProfileWriter],
})
export class FieldsModule {}
