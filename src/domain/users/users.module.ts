import { Global, Module } from '@nestjs/common';
import { LogtoUserCache } from './logto-user-cache.js';
import { LogtoUserService } from './logto-user.service.js';
import { MissingUserRepository } from './missing-user.repository.js';
import { ReconciliationService } from './reconciliation.service.js';
import { UserRowRepository } from './user-row.repository.js';
import { WebhookArrivalsService } from './webhook-arrivals.service.js';

const PROVIDERS = [
  UserRowRepository,
  LogtoUserCache,
  LogtoUserService,
  MissingUserRepository,
  ReconciliationService,
  WebhookArrivalsService,
];

/** What is known of the caller's account, for every feature: Logto's part, and the user's own row. */
@Global()
@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class UsersModule {}
