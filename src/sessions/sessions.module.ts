import { Global, Module } from '@nestjs/common';
import { SessionEnding } from './session-ending.service.js';

/** Ending sessions, for the list of them and for a password change. */
@Global()
@Module({ providers: [SessionEnding], exports: [SessionEnding] })
export class SessionsModule {}
