import { Global, Module } from '@nestjs/common';
import { ActivityLog } from './activity-log.service.js';
import { SessionsService } from './sessions.service.js';

@Global()
@Module({ providers: [SessionsService, ActivityLog], exports: [SessionsService, ActivityLog] })
export class SessionsModule {}
