import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { AccessGuard } from './domain/access/access.guard.js';
import { AccessModule } from './domain/access/access.module.js';
import { LimitsModule } from './domain/limits/limits.module.js';
import { ProfileDocumentModule } from './domain/profile-document/profile-document.module.js';
import { ProofsModule } from './domain/proofs/proofs.module.js';
import { TenantRulesModule } from './domain/tenant-rules/tenant-rules.module.js';
import { UsersModule } from './domain/users/users.module.js';
import { CustomDataModule } from './features/custom-data/custom-data.module.js';
import { HealthModule } from './features/health/health.module.js';
import { IdentitiesModule } from './features/identities/identities.module.js';
import { MfaFactorsModule } from './features/mfa-factors/mfa-factors.module.js';
import { PasswordModule } from './features/password/password.module.js';
import { ProfileModule } from './features/profile/profile.module.js';
import { SessionsModule } from './features/sessions/sessions.module.js';
import { SignInModule } from './features/sign-in/sign-in.module.js';
import { VerificationModule } from './features/verification/verification.module.js';
import { WebhooksModule } from './features/webhooks/webhooks.module.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { BodyRequiredGuard } from './platform/http/body-required.guard.js';
import { ProblemFilter } from './platform/http/problem.filter.js';
import { ValidatedBodyPipe } from './platform/http/validated-body.js';
import { ManagementApiModule } from './platform/management-api/management-api.module.js';

/** All modules of the service. */
@Module({
  imports: [
    // The platform, and the parts of the domain that features share.
    DatabaseModule,
    ManagementApiModule,
    AccessModule,
    UsersModule,
    TenantRulesModule,
    LimitsModule,
    ProofsModule,
    ProfileDocumentModule,
    // Features, each named after its route.
    ProfileModule.forRoot(),
    CustomDataModule,
    PasswordModule,
    VerificationModule,
    SignInModule,
    SessionsModule,
    IdentitiesModule,
    MfaFactorsModule,
    WebhooksModule,
    HealthModule,
  ],
  // Applied to every route, in this order.
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_GUARD, useClass: BodyRequiredGuard },
    { provide: APP_GUARD, useExisting: AccessGuard },
    { provide: APP_PIPE, useClass: ValidatedBodyPipe },
  ],
})
export class AppModule {
  /** @param configModule from {@link ConfigModule.forRoot} */
  static forRoot(configModule: DynamicModule): DynamicModule {
    return { module: AppModule, imports: [configModule] };
  }
}
