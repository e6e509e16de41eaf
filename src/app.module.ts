import { Module, type DynamicModule } from '@nestjs/common';
import { AccountSecurityModule } from './account-security/account-security.module.js';
import { AccountModule } from './account/account.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { AuthModule } from './auth/auth.module.js';
import { CustomDataModule } from './custom-data/custom-data.module.js';
import { DatabaseModule } from './database/database.module.js';
import { FieldsModule } from './fields/fields.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule } from './http/http.module.js';
import { LimitsModule } from './limits/limits.module.js';
import { ManagementApiModule } from './management-api/management-api.module.js';
import { PasswordModule } from './password/password.module.js';
import { ProfileModule } from './profile/profile.module.js';
import { ProofsModule } from './proofs/proofs.module.js';
import { SignInModule } from './sign-in/sign-in.module.js';
import { TenantRulesModule } from './tenant-rules/tenant-rules.module.js';
import { VerificationModule } from './verification/verification.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

/** The table of contents. */
@Module({
  imports: [
    // What every feature stands on.
    HttpModule,
    AuthModule,
    ManagementApiModule,
    TenantRulesModule,
    DatabaseModule,
    AccountModule,
    LimitsModule,
    ProofsModule,
    SessionsModule,
    FieldsModule,
    // Features.
    ProfileModule.forRoot(),
    CustomDataModule,
    WebhooksModule,
    HealthModule,
    PasswordModule,
    VerificationModule,
    SignInModule,
    AccountSecurityModule,
  ],
})
export class AppModule {
  /** @param configModule what {@link ConfigModule.forRoot} made of the environment. */
  static forRoot(configModule: DynamicModule): DynamicModule {
    return { module: AppModule, imports: [configModule] };
  }
}
