import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { AccessGuard } from '../auth/access.guard.js';
import { ProblemFilter } from '../errors/problem.filter.js';
import { BodyRequiredGuard } from './body-required.guard.js';
import { ValidatedBodyPipe } from './validated-body.js';

/** What every route goes through, in this order. */
@Module({
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_GUARD, useClass: BodyRequiredGuard },
    { provide: APP_GUARD, useExisting: AccessGuard },
    { provide: APP_PIPE, useClass: ValidatedBodyPipe },
  ],
})
export class HttpModule {}
