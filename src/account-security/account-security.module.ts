import { Module } from '@nestjs/common';
import { IdentitiesController } from './identities.controller.js';
import { MfaFactorsController } from './mfa-factors.controller.js';
import { OwnIdentities } from './own-identities.service.js';
import { OwnMfaFactors } from './own-mfa-factors.service.js';
import { OwnSessions } from './own-sessions.service.js';
import { SessionsController } from './sessions.controller.js';

/** What protects the account besides the password: sessions, identities, second factors. */
@Module({
  controllers: [SessionsController, IdentitiesController, MfaFactorsController],
  providers: [OwnSessions, OwnIdentities, OwnMfaFactors],
})
export class AccountSecurityModule {}
