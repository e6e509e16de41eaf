import { Global, Module } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/config/clock.js';
import { AccessTokenStrategy } from './access-token.strategy.js';
import { AccessGuard } from './access.guard.js';
import { AuthenticatorService } from './authenticator.service.js';
import { IssuerCheckService } from './issuer-check.service.js';
import { RevocationService } from './revocation.service.js';
import { SessionEndingService } from './session-ending.service.js';
import { fetchKeySet, SigningKeys } from './signing-keys.js';
import { TrafficLimitService } from './traffic-limit.service.js';

/** Authentication, authorization and the general rate limit. */
@Global()
@Module({
  providers: [
    AccessTokenStrategy,
    AuthenticatorService,
    AccessGuard,
    IssuerCheckService,
    RevocationService,
    SessionEndingService,
    TrafficLimitService,
    {
      provide: SigningKeys,
      useFactory: ({ logto, upstream }: AppConfig, clock: Clock) =>
        new SigningKeys(`${logto.issuer}/jwks`, clock, fetchKeySet(upstream.timeoutMs)),
      inject: [AppConfig, Clock],
    },
  ],
  exports: [AccessGuard, AuthenticatorService, IssuerCheckService, SessionEndingService, SigningKeys],
})
export class AccessModule {}
