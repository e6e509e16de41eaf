import { Global, Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Clock } from '../config/clock.js';
import { AccessTokenStrategy } from './access-token.strategy.js';
import { AccessGuard } from './access.guard.js';
import { RevocationService } from './revocation.service.js';
import { fetchKeySet, SigningKeys } from './signing-keys.js';

/** Who calls, and whether they may. */
@Global()
@Module({
  providers: [
    AccessTokenStrategy,
    AccessGuard,
    RevocationService,
    {
      provide: SigningKeys,
      useFactory: ({ logto }: AppConfig, clock: Clock) => new SigningKeys(`${logto.issuer}/jwks`, clock, fetchKeySet),
      inject: [AppConfig, Clock],
    },
  ],
  exports: [AccessTokenStrategy, AccessGuard, RevocationService, SigningKeys],
})
export class AuthModule {}
